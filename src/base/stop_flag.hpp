// Asks work in progress to end: set once by whoever loses interest, polled by whoever works.
#pragma once

#include <atomic>

namespace penstock::inline base {

using StopFlag = std::atomic<bool>;

}  // namespace penstock::inline base
