// Which rule says how long a deployment's records are kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "auth/directory.hpp"
#include "penstock/core/retention_rule.hpp"

namespace penstock::api {

// Rules that were set while the server runs, then the configuration's: of equals the first counts.
class RetentionView {
 public:
  RetentionView(const std::vector<StoredRetention>& set, const std::vector<RetentionRule>& configured) : rules_(auth::retention_rules(set)), set_(rules_.size()) {
    rules_.insert(rules_.end(), configured.begin(), configured.end());
  }

  const std::vector<RetentionRule>& rules() const { return rules_; }
  // {"keep_s","keep_bytes","keep_by":{"deployment","kind","from"}}, 0 being without limit; "keep_by" is null where no rule says anything.
  nlohmann::json in_force(std::string_view deployment, RecordKind kind) const;
  // Every rule as {"deployment","kind","keep_s","keep_bytes","from"}: "set", or "configuration".
  nlohmann::json listed() const;

 private:
  nlohmann::json place_json(std::size_t rule) const;

  std::vector<RetentionRule> rules_;
  std::size_t set_;  // of them, the first ones
};

// "logs" or "metrics".
std::string_view kind_name(RecordKind kind);

}  // namespace penstock::api
