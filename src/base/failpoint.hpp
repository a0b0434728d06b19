// Named places at which a test may end, halt or slow down the process.
#pragma once

#include <atomic>

namespace penstock::inline base {

// Called at every failpoint, on the thread that passes it; must be thread-safe.
using FailpointHook = void (*)(const char* name);

// Null in the product, which has nothing that sets it; penstock-failpoints (tests/failpoints) does before main.
inline std::atomic<FailpointHook> failpoint_hook{nullptr};

// `name` is room.thing.moment, a literal, used once; tests/failpoints/table.cpp lists them all.
inline void failpoint(const char* name) {
  if (const FailpointHook hook = failpoint_hook.load(std::memory_order_relaxed); hook != nullptr) hook(name);
}

}  // namespace penstock::inline base
