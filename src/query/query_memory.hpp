// The memory of all queries, in three parts, so that none of them fails for what the others hold: of long queries, of short ones, and of
// deletions that are kept compiled. A short query that needs more than its part has left begins anew as a long one, and waits for its turn.
#pragma once

#include <cstddef>

#include "base/byte_budget.hpp"

namespace penstock::query {

struct QueryMemory {
  explicit QueryMemory(std::size_t bytes) : of_short(bytes / 4), of_deletions(bytes / 8), of_long(bytes - of_short.limit() - of_deletions.limit()) {}

  ByteBudget& of(bool is_long) { return is_long ? of_long : of_short; }
  // By queries: what deletions hold stays.
  std::size_t used() const { return of_short.used() + of_long.used(); }

  ByteBudget of_short, of_deletions, of_long;
};

}  // namespace penstock::query
