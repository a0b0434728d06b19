// Who writes a journal's records to a destination that several processes may write to.
#pragma once

#include <cstdint>

namespace penstock {

// Each process has a number of its own, drawn at random. 0: nobody yet, or the destination does not know.
struct DestinationWriters {
  std::int64_t before = 0;  // who wrote last before this process began
  std::int64_t now = 0;     // this process, once it has begun
};

}  // namespace penstock
