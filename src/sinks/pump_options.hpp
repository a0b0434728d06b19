// How a pump paces itself.
#pragma once

#include <chrono>
#include <cstdint>

namespace penstock::sinks {

struct PumpOptions {
  std::chrono::milliseconds idle_every{500};   // Sink::idle is called at least this often; must not pass a second
  std::chrono::milliseconds backoff_min{200};  // after a failed delivery …
  std::chrono::milliseconds backoff_max{30'000};
  std::uint64_t backoff_seed = 0;              // of the jitter; 0: drawn
};

}  // namespace penstock::sinks
