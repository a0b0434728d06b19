// How fast this CPU packs, and whether it does so rightly: a part of what storing will cost.
#pragma once

#include <chrono>

#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"

namespace penstock::chunk {

// Bytes a second of one thread, packing text like logs with zstd at the level of a fresh chunk, for about `time`; internal when it does not
// come back.
Result<double> packing_rate(const Clock& clock, std::chrono::milliseconds time);

}  // namespace penstock::chunk
