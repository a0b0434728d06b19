// How chunks are written.
#pragma once

#include <cstdint>

namespace penstock::chunk {

struct WriteOptions {
  int zstd_level = 1;                     // -5 … 19; 1 for a fresh flush, 3 and more for merged chunks
  std::uint32_t level = 0;                // ChunkMeta::level
  std::uint32_t group_rows = 8192;        // logs: a row group ends at so many rows (at most 65,536) …
  std::uint32_t group_bytes = 512u << 10; // … or at so many bytes of text, whichever comes first
  std::uint32_t max_filter_bytes = 512u << 10;
};

}  // namespace penstock::chunk
