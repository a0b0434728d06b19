// Which deployments there are, remembered between questions: counting what the store holds looks at every chunk's metadata.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"
#include "query/deployment_list.hpp"

namespace penstock::query {

// Thread-safe.
class DeploymentCounts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Counts what the snapshot holds, when the last count is not from just now. While one caller counts, others go by the count before.
  Result<void> count(StoreSnapshot& snapshot, Time now);
  // A name that a record in the journal has. It is kept for some minutes: the store takes the record, and a later count finds it there.
  void seen(std::string_view deployment, Time now);
  std::vector<DeploymentList::Deployment> list() const;
  // What the last count found of one.
  std::optional<DeploymentList::Deployment> of(std::string_view deployment) const;

 private:
  mutable std::mutex mutex_;
  bool counting_ = false;
  Time next_{};
  std::map<std::string, DeploymentList::Deployment, std::less<>> stored_;
  std::map<std::string, Time, std::less<>> seen_;
};

}  // namespace penstock::query
