// What an operator may set about the journal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace penstock::journal {

struct Options {
  std::string directory;                                  // made when absent, mode 0700; one process at a time (lock file)
  std::uint64_t segment_bytes = 64ull << 20;              // of one segment file, allocated ahead; a quarter of the disk budget at most
  std::uint64_t disk_budget = 2ull << 30;                 // all segment files together; beyond: storage_full
  double soft_limit = 0.8;                                // part of the budget from which the soft limit gauge is 1
  std::uint64_t free_reserve_bytes = 64ull << 20;         // of the disk, left to others; beyond: storage_full
  std::uint64_t reserve_file_bytes = 1ull << 20;          // given up on a full disk, so that cursors can still be written; 0: none
  std::uint64_t keep_consumed_bytes = 1ull << 30;         // segments all sinks have passed are kept up to this size
  std::chrono::seconds keep_consumed_age = std::chrono::hours(24);  // … and age, never over the disk budget
  std::size_t live_window_bytes = 8u << 20;               // newest frames kept in memory
  std::size_t queue_bytes = 16u << 20;                    // batches submitted and not yet answered; beyond: overloaded
  std::size_t max_frame_bytes = 2u << 20;                 // batches gathered into one commit; one larger batch makes a larger frame
  std::size_t max_frame_batches = 4096;
  bool compress = true;                                   // zstd, fast level, for frames above compress_above bytes
  std::size_t compress_above = 4096;
  std::size_t idempotency_bytes = 4u << 20;               // of the index in memory; the oldest keys go first
  std::chrono::seconds idempotency_age = std::chrono::hours(24);
  std::chrono::milliseconds retry_every{3000};            // a fresh segment is tried this often while nothing can be written
  bool strict = false;                                    // refuse to open on any damage instead of quarantining it
  std::function<std::uint64_t()> random;                  // empty: the system's
};

// As they can work together: several segments fit the disk budget, so that it is not all taken by the one being written.
Options fitting(Options options);

// Part of the disk budget that segments leave free: room for a small segment to go on in, when the one being written must go.
std::uint64_t spare_bytes(const Options& options);

}  // namespace penstock::journal
