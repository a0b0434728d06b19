// A sink in numbers, as /api/v1/stats shows it.
#pragma once

#include <cstdint>
#include <string>

#include "penstock/core/ids.hpp"

namespace penstock::sinks {

struct PumpState {
  std::string name;
  std::string phase = "starting";  // starting (position not known yet), running, waiting (in back-off), stopped
  Sequence delivered = 0;          // first sequence not yet safely delivered
  std::uint64_t lag_records = 0;   // durable and not delivered
  double lag_seconds = 0;          // age of the oldest record read and not delivered
  std::uint64_t errors = 0;
  std::string last_error;          // empty once a delivery succeeded
};

}  // namespace penstock::sinks
