// The journal in numbers, as /api/v1/stats shows it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "penstock/core/ids.hpp"

namespace penstock::journal {

struct JournalStats {
  std::uint64_t segments = 0;     // files
  std::uint64_t bytes = 0;        // of all segment files
  std::uint64_t disk_budget = 0;
  std::uint64_t free_bytes = 0;   // of the disk, when last looked at
  Sequence durable_end = 0;
  Sequence oldest = 0;
  std::size_t queue_bytes = 0;    // submitted, not yet answered
  std::size_t window_bytes = 0;   // of the frames in the live window
  std::uint64_t commits_total = 0;
  std::uint64_t records_total = 0;
  std::uint64_t torn_bytes = 0;   // dropped at the end of the newest segment when the journal was opened
  std::uint64_t lost_records = 0; // found damaged since the journal was opened
  double fsync_p99_ms = 0;        // of the last 1,024 commits
  bool writable = true;
};

}  // namespace penstock::journal
