// The pace of housekeeping.
#pragma once

#include <chrono>

#include "chunk/chunk_options.hpp"
#include "penstock/ports/chunk_maintenance.hpp"

namespace penstock::sinks {

struct MaintenanceOptions {
  bool compaction = true;
  // Chunks of up to 256 KiB are small. What a busy server flushes at 8 MiB of memory is larger, and is written once: merging it again
  // cost a third of all CPU a log and saved a tenth of its bytes.
  CompactionPolicy policy = {.min_inputs = 16, .max_inputs = 64, .max_input_bytes = 4u << 20, .max_level = 3};
  std::uint32_t target_bytes = 2u << 20;                 // of a merged chunk's payload
  chunk::WriteOptions write = {.zstd_level = 3};
  // of one core and of the disk's time: a job of 1 s is followed by 4 s of rest
  double busy_share = 0.2;
  std::chrono::milliseconds compaction_every{15'000};    // when there was nothing to merge
  std::chrono::milliseconds deletions_every{15'000};     // when there was nothing to rewrite
  std::chrono::milliseconds retention_every{60'000};
  std::chrono::milliseconds reseal_every{60'000};       // when no chunk was to be sealed anew
  std::uint64_t reclaim_bytes = 32u << 20;               // as soon as chunks of so many bytes were removed from a day
  // a deletion is closed no earlier: other servers may have a backlog
  std::chrono::seconds settle_deletion{3600};
};

}  // namespace penstock::sinks
