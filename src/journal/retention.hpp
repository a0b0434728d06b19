// Deletes segments that every sink has passed, when they are too many, too old, or their room is needed.
#pragma once

#include <vector>

#include "journal/frame_codec.hpp"
#include "journal/journal_state.hpp"
#include "journal/segment_writer.hpp"

namespace penstock::journal {

// The writer's thread.
class Retention {
 public:
  Retention(JournalState& state, SegmentWriter& writer);

  // Unexpired idempotency keys of a segment are written into the active one before it goes. `wanted`: so much room is to be had if it can.
  void run(std::uint64_t wanted = 0);

 private:
  bool due(const Segment& oldest, std::uint64_t wanted) const;
  bool remove(const Segment& segment);
  Result<void> let_go(const Segment& segment);
  bool keep_keys(SegmentId segment);

  JournalState& state_;
  SegmentWriter& writer_;
  FrameEncoder encoder_;
};

}  // namespace penstock::journal
