// How long a test waits for what must come. Never reached when all is well, so its length costs nothing; short ones fail on a busy machine.
#pragma once

#include <chrono>

namespace penstock::test {

inline constexpr std::chrono::seconds kPatience{120};

}  // namespace penstock::test
