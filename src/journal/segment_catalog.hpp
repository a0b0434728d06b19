// Which segments there are, and which sequences each holds.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "journal/segment_format.hpp"

namespace penstock::journal {

struct Segment {
  SegmentName name;
  std::string path;
  std::uint64_t file_bytes = 0;     // as allocated
  std::uint64_t end_offset = 0;     // frames lie below; what comes after was never durable
  Sequence end = 0;                 // first sequence that it does not hold
  Timestamp last_commit;
  bool open = false;                // frames may still be appended
  bool leaving = false;             // about to be removed: it takes room, but readers are not sent there any more
  std::vector<std::pair<Sequence, std::uint64_t>> marks;  // frames at which a reader may begin, about one a MiB
};

// What a reader needs of a segment, as of one moment.
struct SegmentView {
  SegmentName name;
  std::string path;
  std::uint64_t start_offset = 0;  // of a frame at or before the wanted sequence
  std::uint64_t end_offset = 0;
  Sequence end = 0;
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
  void add(Segment segment);  // after all others
  // The active segment grew by a frame that is now durable.
  void advance(Sequence end, std::uint64_t end_offset, Timestamp committed_at);
  void close(SegmentId id, std::uint64_t file_bytes);  // nothing is appended to it from now on
  void set_leaving(SegmentId id, bool leaving);
  void remove(SegmentId id);

  // The segment that holds `position`, or the oldest after it; nullopt at the end.
  std::optional<SegmentView> find(Sequence position) const;
  Sequence oldest() const;
  std::vector<Segment> all() const;

  void set_cursor(const std::string& sink, Sequence position);
  void remove_cursor(const std::string& sink);
  // The oldest segment when it is not the last one and every cursor has passed it (there must be one).
  std::optional<Segment> oldest_consumed() const;
  CatalogSizes sizes() const;

 private:
  bool consumed(std::size_t index) const;

  mutable std::mutex mutex_;
  std::vector<Segment> segments_;
  std::map<std::string, Sequence> cursors_;
};

}  // namespace penstock::journal
