// Appends frames to the active segment, moves on to the next one when it is full, and away from one that failed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "journal/frame_codec.hpp"
#include "journal/journal_state.hpp"
#include "journal/segment_factory.hpp"

namespace penstock::journal {

// One thread.
class SegmentWriter {
 public:
  explicit SegmentWriter(JournalState& state);

  SegmentFactory& factory() { return factory_; }
  bool open() const { return active_.has_value(); }

  // Begins a new segment whose first record is the journal's next one. Leaves the active segment as it is when that fails.
  Result<void> begin(std::uint64_t least = 0);
  // Begins a small segment where there is hardly room, so that the one before can go. The active one is left in good order first.
  Result<void> begin_spare();
  // The records that the journal holds from `from` on are numbered from `to` on, and so is what comes: in a new segment, which says so. The
  // active one is left in good order first; after an error there is none.
  Result<void> renumber(Sequence from, Sequence to);
  // Writes and syncs what `frame` holds, and makes it known as durable. A write or sync that fails takes the segment out of
  // use for ever and is tried once more in a new one; an error means that nothing of the frame counts. Needs open() or a new segment.
  Result<SegmentId> append(FrameEncoder& frame);
  // Leaves the active segment in good order, synced when asked.
  void finish(bool sync);

 private:
  struct Active {
    NewSegment segment;
    std::uint64_t offset = kSegmentHeaderBytes;
    Timestamp last_commit;
  };

  Result<void> enter(NewSegment segment, Sequence first);
  Result<void> append_here(FrameEncoder& frame);
  Result<bool> write(std::string_view bytes);  // false: it does not fit
  void abandon();
  Result<void> write_trailer(bool sync);
  Result<std::uint64_t> write_keys(Sequence end);

  JournalState& state_;
  SegmentFactory factory_;
  FrameEncoder keys_encoder_;
  std::optional<Active> active_;
};

}  // namespace penstock::journal
