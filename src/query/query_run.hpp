// What one query carries along: its share of the memory budget, its costs, and whether anybody still waits for it.
#pragma once

#include "base/byte_budget.hpp"
#include "base/stop_flag.hpp"
#include "penstock/core/result.hpp"
#include "query/stats.hpp"

namespace penstock::query {

struct QueryRun {
  const StopFlag& canceled;
  ByteBudget::Lease lease;
  std::size_t share_bytes = 0;  // what one query should keep to, so that all that run at once fit
  Stats stats = {};

  Result<void> check() const {
    if (!canceled.load(std::memory_order_relaxed)) return {};
    return Error{ErrorCode::canceled, "The query was canceled.", ""};
  }
};

}  // namespace penstock::query
