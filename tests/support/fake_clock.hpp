// A clock that stands still until the test moves it.
#pragma once

#include <atomic>
#include <chrono>

#include "penstock/ports/clock.hpp"

namespace penstock::test {

// Thread-safe. Starts at 2026-11-20T13:33:00Z.
class FakeClock final : public Clock {
 public:
  static constexpr Timestamp kStart{1'795'181'580 * kSecond};

  explicit FakeClock(Timestamp start = kStart) : now_(start.ns) {}

  Timestamp now() const override { return {now_.load()}; }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(steady_.load()));
  }

  // Time passes.
  void advance(std::chrono::nanoseconds by) {
    now_ += by.count();
    steady_ += by.count();
  }
  // The wall clock steps, as when somebody sets it; the steady clock does not.
  void set_wall(Timestamp time) { now_ = time.ns; }

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> steady_{1'000 * kSecond};
};

}  // namespace penstock::test
