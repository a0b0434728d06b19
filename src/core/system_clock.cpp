#include "core/system_clock.hpp"

#include <ctime>

namespace penstock {

Timestamp SystemClock::now() const {
  std::timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return {static_cast<std::int64_t>(now.tv_sec) * kSecond + now.tv_nsec};
}

std::chrono::steady_clock::time_point SystemClock::steady_now() const { return std::chrono::steady_clock::now(); }

}  // namespace penstock
