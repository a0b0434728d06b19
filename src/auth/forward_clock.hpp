// A clock that never runs backwards, for what ends at a time: a machine without a clock chip wakes up in the past, and what had ended must not begin anew.
#pragma once

#include <algorithm>
#include <atomic>

#include "penstock/ports/clock.hpp"

namespace penstock::auth {

// Thread-safe.
class ForwardClock final : public Clock {
 public:
  // `clock` outlives it.
  explicit ForwardClock(const Clock& clock) : clock_(clock) {}

  // It was that late already, as something that an earlier run left says.
  void not_before(Timestamp time) const { raise(time.ns); }

  Timestamp now() const override { return {raise(clock_.now().ns)}; }
  std::chrono::steady_clock::time_point steady_now() const override { return clock_.steady_now(); }

 private:
  std::int64_t raise(std::int64_t to) const {
    std::int64_t latest = latest_.load(std::memory_order_relaxed);
    while (latest < to && !latest_.compare_exchange_weak(latest, to, std::memory_order_relaxed)) {
    }
    return std::max(latest, to);
  }

  const Clock& clock_;
  mutable std::atomic<std::int64_t> latest_{0};
};

}  // namespace penstock::auth
