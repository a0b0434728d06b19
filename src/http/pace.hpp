// Whether a client moves its bytes fast enough. Pure.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace penstock::http {

// A token bucket counted in time: every byte buys a little, what is bought in advance is bounded, and who has none left is behind.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  Pace() = default;
  // `credit`: time that is given at the start, and the most that can be saved up.
  Pace(Clock::time_point now, Clock::duration credit) : credit_(credit), due_(now + credit) {}

  // `bytes` were moved; `rate` (> 0) is how many a second are asked for.
  void moved(Clock::time_point now, std::size_t bytes, std::size_t rate) {
    const std::chrono::duration<double> bought(static_cast<double>(bytes) / static_cast<double>(rate));
    // A debt is forgotten as a credit is: a client that stood still for an hour is not behind for the next one.
    due_ = std::max(due_, now - credit_);
    due_ += bought < std::chrono::duration<double>(2 * credit_) ? std::chrono::duration_cast<Clock::duration>(bought) : 2 * credit_;
    due_ = std::min(due_, now + credit_);
  }
  // Time in which it had nothing to move.
  void excuse(Clock::duration time) { due_ += time; }
  bool is_behind(Clock::time_point now) const { return now > due_; }

 private:
  Clock::duration credit_{};
  Clock::time_point due_{};
};

}  // namespace penstock::http
