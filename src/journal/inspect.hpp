// Looks at the files of a journal without changing them, for operators and for a strict start.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journal/segment_format.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::journal {

// Bytes that are no frame, or a frame that does not verify.
struct Damage {
  std::string file;             // of the segment, also of one that cannot be opened; of a missing one, the segment before it
  std::uint64_t offset = 0, bytes = 0;
  Sequence from = 0, to = 0;    // records [from, to) are lost; none when equal
};

struct SegmentReport {
  SegmentName name;                 // its first sequence as in the file
  std::uint64_t shift = 0;          // what the journal's numbering adds to the file's (FORMAT.md, a step)
  std::string file;
  std::uint64_t bytes = 0;
  bool header_ok = false;
  bool closed = false;              // its footer is there: it was left in good order
  std::uint64_t frames = 0, records = 0;
  std::uint64_t damaged_bytes = 0;  // in the middle; what follows the last frame of the newest segment is not counted
  Sequence first() const { return name.first + shift; }
  Sequence end = 0;                 // where the next segment begins, or its own last frame ends; the journal's numbering
  Timestamp first_commit, last_commit;
  Timestamp min_time, max_time;     // of its records
};

struct JournalReport {
  JournalId journal;                  // 0 when no segment header is readable
  std::vector<SegmentReport> segments;
  std::vector<Damage> damage;         // in order
  std::uint64_t frames = 0, records = 0;
  std::uint64_t lost_records = 0;
  std::uint64_t torn_bytes = 0;       // behind the last whole frame of the newest segment: never acknowledged
  Sequence durable_end = 0;           // everything below was synced, say the frames themselves
};

enum class Depth { headers, payloads };

// With Depth::payloads every frame's checksums are verified, and with a sealer its seal too; else only headers. The journal may be open
// elsewhere: a segment that is removed meanwhile is left out, and the newest frames may be missing. key_mismatch when the sealer has not
// got a key.
Result<JournalReport> inspect(FileSystem& files, const std::string& directory, Sealer* sealer, Depth depth = Depth::payloads);

}  // namespace penstock::journal
