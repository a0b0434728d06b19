// Waiting times between attempts: each twice as long as the one before, up to a ceiling, with jitter.
#pragma once

#include <chrono>
#include <cstdint>

namespace penstock::inline base {

// Not thread-safe. Step n lies evenly in [c/2, c] for c = min(max, min * 2^n): attempts of many clients spread, and
// none comes too early. The same seed gives the same sequence.
class Backoff {
 public:
  Backoff(std::chrono::milliseconds min, std::chrono::milliseconds max, std::uint64_t seed);

  std::chrono::milliseconds next();
  // After a success: the next wait is the shortest again.
  void reset();

 private:
  std::chrono::milliseconds min_, max_, ceiling_;
  std::uint64_t random_;
};

}  // namespace penstock::inline base
