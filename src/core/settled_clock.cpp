#include "core/settled_clock.hpp"

#include <cstdlib>

namespace penstock {

SettledClock::SettledClock(const Clock& clock, std::chrono::nanoseconds tolerance, std::chrono::nanoseconds settle)
    : clock_(clock), tolerance_ns_(tolerance.count()), settle_ns_(settle.count()), wall_(clock.now()),
      steady_(clock.steady_now()) {}

void SettledClock::begin_after(Timestamp last_seen) {
  const std::lock_guard lock(mutex_);
  if (wall_.ns - last_seen.ns <= tolerance_ns_) return;
  wall_ = last_seen;
  steady_ = clock_.steady_now();
}

Timestamp SettledClock::now() const { return look().believed; }
Timestamp SettledClock::wall() const { return look().wall; }

SettledClock::Times SettledClock::look() const {
  const std::lock_guard lock(mutex_);
  const Timestamp wall = clock_.now();
  const auto steady = clock_.steady_now();
  const std::int64_t expected = wall_.ns + std::chrono::nanoseconds(steady - steady_).count();
  const std::int64_t ahead = wall.ns - expected;
  if (ahead > tolerance_ns_) {
    if (!jump_ || std::abs(ahead - jump_->by_ns) > tolerance_ns_) jump_ = Jump{steady, ahead};
    if (std::chrono::nanoseconds(steady - jump_->since).count() < settle_ns_) return {{expected}, wall};
  }
  jump_.reset();
  wall_ = wall;
  steady_ = steady;
  return {wall, wall};
}

}  // namespace penstock
