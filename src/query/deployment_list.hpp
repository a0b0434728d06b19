// The deployments that somebody may ask for, and what the store holds of each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "query/stats.hpp"

namespace penstock::query {

struct DeploymentList {
  struct Deployment {
    std::string name;
    std::optional<StoredAmount> logs = {}, metrics = {};  // none: not stored yet, or not counted
    bool whole = false;  // who asks has the right deployment:read in all of it, and may know how much there is
  };
  std::vector<Deployment> deployments;  // by name
  bool all = false;                     // who asks may read in every one, those yet to come too
  Stats stats;
};

}  // namespace penstock::query
