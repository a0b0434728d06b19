// What administrators have set about deployments while the server runs: which metrics are declared, how long records are kept.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "penstock/core/metric_declarations.hpp"
#include "penstock/core/retention_rule.hpp"

namespace penstock {

// Of one moment. Immutable once handed out.
struct DeploymentRules {
  std::shared_ptr<const MetricDeclarations> declared = {};  // null: none are, and every metric is taken
  std::vector<RetentionRule> retention = {};  // all that are in force: those that were set, then the configuration's (governing_rule() takes the first of equals)
};

// Those in force. Thread-safe; where nothing was set asking is a look at one word.
class CurrentRules {
 public:
  // null: nothing was set, the configuration alone counts.
  std::shared_ptr<const DeploymentRules> get() const {
    if (!any_.load(std::memory_order_acquire)) return nullptr;
    const std::lock_guard lock(mutex_);
    return rules_;
  }
  void set(std::shared_ptr<const DeploymentRules> rules) {
    const std::lock_guard lock(mutex_);
    rules_ = std::move(rules);
    any_.store(rules_ != nullptr, std::memory_order_release);
  }

 private:
  std::atomic<bool> any_{false};
  mutable std::mutex mutex_;
  std::shared_ptr<const DeploymentRules> rules_;
};

}  // namespace penstock
