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

struct SegmentReport {
  SegmentName name;
  std::string file;
  std::uint64_t bytes = 0;
  bool header_ok = false;
  std::uint64_t frames = 0, records = 0;
  std::uint64_t damaged_bytes = 0;  // in the middle; what follows the last frame of the newest segment is not counted
  Sequence end = 0;                 // where the next segment begins, or its own last frame ends
  Timestamp first_commit, last_commit;
};

struct JournalReport {
  std::vector<SegmentReport> segments;
  std::uint64_t frames = 0, records = 0;
  std::uint64_t lost_records = 0;
};

// Every frame's checksums are verified; with a sealer its seal too. The journal may be open elsewhere; its newest frames may then be
// missing. key_mismatch when the sealer has not got a key.
Result<JournalReport> inspect(FileSystem& files, const std::string& directory, Sealer* sealer);

}  // namespace penstock::journal
