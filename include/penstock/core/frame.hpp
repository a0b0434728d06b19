// A frame is one group commit of the journal: the batches that one write and one fdatasync made durable together.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/ids.hpp"
#include "penstock/core/time.hpp"

namespace penstock {

// An immutable, durable frame in memory. Shared: the live window, sinks and queries hold the same one.
struct Frame {
  struct Batch {
    Sequence first = 0;       // sequence of the batch's first record
    std::uint32_t count = 0;  // records in it
    std::string bytes;        // as BatchWriter made it
  };

  JournalId journal;
  Sequence first = 0;       // of the first record
  std::uint32_t count = 0;  // records in all; the next frame starts at first + count
  Timestamp min_time, max_time;
  Timestamp committed_at;   // when it was written
  std::vector<Batch> batches;
  std::size_t size_bytes = 0;  // of all batches together

  Sequence next() const { return first + count; }
};

using FramePtr = std::shared_ptr<const Frame>;

}  // namespace penstock
