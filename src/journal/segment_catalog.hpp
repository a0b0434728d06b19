// Which segments there are, and which sequences each holds.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "journal/segment_format.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock::journal {

// A run of frames, up to the next part or the segment's end.
struct SegmentPart {
  Sequence first = 0;         // of its first frame
  std::uint64_t offset = 0;   // of that frame
  Timestamp min_time, max_time;  // of all its records
};

// Adds the next frame, which has records: to the last part, or as a new one when that has grown to `part_bytes`.
void add_frame(std::vector<SegmentPart>& parts, const FrameHeader& frame, std::uint64_t offset, std::uint64_t part_bytes);

struct Segment {
  SegmentName name;
  std::string path;
  Sequence first = 0;               // as the journal numbers it; its file says `shift` less
  std::uint64_t shift = 0;
  bool behind_step = false;         // sequences directly before `first` were never given out
  std::uint64_t file_bytes = 0;     // as allocated
  std::uint64_t end_offset = 0;     // frames lie below; what comes after was never durable
  Sequence end = 0;                 // first sequence that it does not hold
  Timestamp last_commit;
  bool open = false;                // frames may still be appended
  bool leaving = false;             // about to be removed: it takes room, but readers are not sent there any more
  std::vector<SegmentPart> parts;   // empty: it was written in an earlier run, and not looked at since
};

// What a reader needs of a segment, as of one moment.
struct SegmentView {
  SegmentName name;
  std::string path;
  Sequence first = 0;              // as the journal numbers it, and so is `end`; the frames in the file say `shift` less
  std::uint64_t shift = 0;
  bool behind_step = false;
  std::uint64_t start_offset = 0;  // of a frame at or before the wanted sequence
  std::uint64_t end_offset = 0;
  Sequence end = 0;
};

// A cursor that was allowed to lag, and lagged too far.
struct CursorJump {
  std::string sink;
  Sequence from = 0, to = 0;
};

struct CatalogSizes {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;         // allocated, the active segment included
  std::uint64_t active_left = 0;   // bytes the active segment can still take
  std::uint64_t consumed = 0;      // bytes of segments that every cursor has passed
};

// Segments in order; only the last one may be open. The journal's end is the end of the last. Thread-safe.
class SegmentCatalog {
 public:
  // A part that has grown to `part_bytes` is followed by another.
  explicit SegmentCatalog(std::uint64_t part_bytes) : part_bytes_(part_bytes) {}

  void add(Segment segment);  // after all others; its `first` is set
  // Numbering stood at `stood_at` and steps: segments that hold records from `from` on are read under sequences that are higher by `shift`. To
  // be called before the segment is added that begins at stood_at + shift.
  void renumber(Sequence from, Sequence stood_at, std::uint64_t shift);
  // A position of when `known` of the steps had been made, as it is numbered now. `known` becomes renumberings().
  Sequence translate(Sequence position, std::size_t& known) const;
  std::size_t renumberings() const { return renumbered_.load(std::memory_order_acquire); }
  // The active segment grew by a frame that is now durable.
  void advance(const FrameHeader& frame, std::uint64_t end_offset, Timestamp committed_at);
  void close(SegmentId id, std::uint64_t file_bytes);  // nothing is appended to it from now on
  void set_leaving(SegmentId id, bool leaving);
  // Cursors that had not passed it move on to the oldest that is left, and are told.
  std::vector<CursorJump> remove(SegmentId id);

  // The segment that holds `position`, or the oldest after it; nullopt at the end.
  std::optional<SegmentView> find(Sequence position) const;
  Sequence oldest() const;
  std::vector<Segment> all() const;
  // As Journal::parts: a segment without parts is one of unknown times.
  std::vector<JournalPart> parts(Sequence from, Sequence to) const;
  // Segments without parts that hold records of [from, to), and the answer to one of them.
  std::vector<SegmentView> without_parts(Sequence from, Sequence to) const;
  void set_parts(SegmentId id, std::vector<SegmentPart> parts);
  std::uint64_t part_bytes() const { return part_bytes_; }

  void set_cursor(const std::string& sink, Sequence position, CursorPolicy policy = {});
  void remove_cursor(const std::string& sink);
  // Every cursor has passed the last segment, and it holds records or is larger than `small`.
  bool last_consumed(std::uint64_t small) const;
  // Where the last segment begins; 0 when there is none.
  Sequence last_first() const;
  // The oldest segment when it is not the last one and every cursor has passed it (there must be one).
  std::optional<Segment> oldest_consumed() const;
  CatalogSizes sizes() const;

 private:
  struct Renumbering {
    Sequence from = 0, stood_at = 0;
    std::uint64_t shift = 0;
  };

  struct Cursor {
    Sequence position = 0;
    CursorPolicy policy;
  };

  bool passed(std::size_t index) const;
  std::uint64_t bytes_from(std::size_t index) const;
  static SegmentView view_of(const Segment& segment);
  bool consumed(std::size_t index) const;
  static bool holds_any(const Segment& segment, Sequence from, Sequence to);

  const std::uint64_t part_bytes_;
  mutable std::mutex mutex_;
  std::vector<Segment> segments_;
  std::map<std::string, Cursor> cursors_;
  std::vector<Renumbering> renumberings_;
  std::atomic<std::size_t> renumbered_{0};  // how many
};

}  // namespace penstock::journal
