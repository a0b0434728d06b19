// A clock for what cannot be taken back, such as deleting what is old: it does not believe a jump ahead at once.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "penstock/ports/clock.hpp"

namespace penstock {

// Thread-safe. now() is the wall clock of `clock` while that keeps pace with the steady clock. When it jumps ahead by more than
// `tolerance`, now() goes on from where it was, at the steady clock's pace, until the wall clock stayed at its new time for
// `settle`. A step back is believed at once: then too little is old, not too much. What it knows begins with its construction, and
// comes from being asked: whoever stamps what may be deleted by age takes the time from wall(), so that no step goes unseen which a
// stamp tells of.
class SettledClock final : public Clock {
 public:
  explicit SettledClock(const Clock& clock, std::chrono::nanoseconds tolerance = std::chrono::minutes(10),
                        std::chrono::nanoseconds settle = std::chrono::hours(1));

  // What an earlier run was the last to see, before anybody asks: a wall clock that is far ahead of it, as of a machine that woke up with a
  // wrong one, is a jump too. (After a long rest the clock is right, and believed an hour late.)
  void begin_after(Timestamp last_seen);

  Timestamp now() const override;
  // The wall clock, whether it is believed or not.
  Timestamp wall() const;
  std::chrono::steady_clock::time_point steady_now() const override { return clock_.steady_now(); }

 private:
  struct Times {
    Timestamp believed, wall;
  };
  struct Jump {
    std::chrono::steady_clock::time_point since;
    std::int64_t by_ns;
  };

  Times look() const;

  const Clock& clock_;
  const std::int64_t tolerance_ns_, settle_ns_;
  mutable std::mutex mutex_;
  // The last moment at which the wall clock was believed.
  mutable Timestamp wall_;
  mutable std::chrono::steady_clock::time_point steady_;
  mutable std::optional<Jump> jump_;
};

// The wall clock as it is, seen through a settled clock, which must outlive it.
class WatchedClock final : public Clock {
 public:
  explicit WatchedClock(const SettledClock& watcher) : watcher_(watcher) {}
  Timestamp now() const override { return watcher_.wall(); }
  std::chrono::steady_clock::time_point steady_now() const override { return watcher_.steady_now(); }

 private:
  const SettledClock& watcher_;
};

}  // namespace penstock
