// When the store sink commits, and how much it may hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "chunk/chunk_options.hpp"

namespace penstock::sinks {

struct StoreSinkOptions {
  std::size_t flush_bytes = 8u << 20;               // of builders' memory and that of new series, or …
  std::chrono::milliseconds flush_interval{5'000};  // since the oldest record gathered, or …
  std::size_t flush_records = 1'000'000;            // logs and samples; whichever comes first
  std::size_t memory_limit = 16u << 20;             // of all that; never passed by more than one record
  std::size_t max_builders = 256;                   // (deployment, kind, day) at a time; more make a commit
  std::size_t max_days = 16;                        // days in one commit: each may need a partition of its own
  std::size_t known_series = 65'536;                // series remembered as stored, so that they are not sent again
  std::size_t refused_series = 4'096;               // colliding series remembered
  chunk::WriteOptions write;
};

}  // namespace penstock::sinks
