#include "query/query_run.hpp"

#include <utility>

namespace penstock::query {

bool QueryRun::hold_as_long_one() const {
  if (long_memory == nullptr) return true;
  auto taken = long_memory->take(lease.size());
  if (taken) lease = std::move(*taken);
  return taken.has_value();
}

Result<void> QueryRun::check() const {
  if (canceled.load(std::memory_order_relaxed)) return Error{ErrorCode::canceled, "The query was canceled.", ""};
  if (clock == nullptr) return {};
  const std::chrono::nanoseconds now = clock->steady_now().time_since_epoch();
  if (now >= deadline) {
    late = true;
    return Error{ErrorCode::overloaded, "The query took longer than it may: narrow its time range or its filters, or give it more time "
                 "(timeout=, as far as query.timeout).", "timeout"};
  }
  if (now < slice_end || place->is_long()) return {};
  if (place->turn_long() && hold_as_long_one()) return {};
  gave_way = true;
  return Error{ErrorCode::canceled, "The query gave way to others.", ""};
}

}  // namespace penstock::query
