// The deletions that this server has seen, for the time when the store is away: journal files still hold what was
// deleted.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "query/scope.hpp"

namespace penstock::query {

// Thread-safe. Keeps the newest kMax; forgets all at a restart.
class KnownDeletions {
 public:
  static constexpr std::size_t kMax = 1024;

  void add(const Deletion& deletion);
  std::vector<Deletion> of(const Deployments& deployments) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, Deletion> by_id_;
};

}  // namespace penstock::query
