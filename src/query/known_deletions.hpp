// The deletions that this server has seen, for the time when the store is away: journal files still hold what was
// deleted.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "query/deletion_filter.hpp"
#include "query/scope.hpp"

namespace penstock::query {

// Thread-safe. Keeps the newest kMax, compiled once; forgets all at a restart.
class KnownDeletions {
 public:
  static constexpr std::size_t kMax = 1024;

  // The deletion as a filter. Not on an io thread.
  Result<DeletionFilter> add(const Deletion& deletion);
  std::vector<DeletionFilter> of(const Deployments& deployments) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, DeletionFilter> by_id_;
};

}  // namespace penstock::query
