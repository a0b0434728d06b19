// An open chunk of samples: its blocks, unpacked on demand. What the reader and merging share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "chunk/block_seal.hpp"
#include "chunk/compressor.hpp"
#include "chunk/metric_header.hpp"
#include "chunk/payload_source.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock::chunk {

// An unpacked segment: a piece of a series each, its values still encoded.
struct MetricSegment {
  struct Piece {
    SeriesId series = 0;
    std::uint32_t count = 0;
    std::uint32_t set = 0;
    std::size_t offset = 0, size = 0;  // of the values in `values`
  };
  std::vector<Piece> pieces;  // ascending by series
  std::string values;
};

struct TimeSet {
  std::vector<std::int64_t> timestamps;  // ascending
  std::vector<std::int64_t> received;
};

// One thread.
class MetricChunkAccess {
 public:
  static Result<std::unique_ptr<MetricChunkAccess>> open(const Chunk& chunk, PayloadReader payload, Sealer& sealer);

  const ChunkMeta& meta() const { return meta_; }
  const std::vector<MetricBlock>& blocks() const { return header_.blocks; }
  PayloadSource& payload() { return payload_; }

  static ByteRange range_of(const MetricBlock& block) { return {block.offset, block.size}; }
  // Fetches the block unless it is in memory.
  Result<MetricSegment> segment(std::size_t block);
  // The block that holds a time set; corrupt when there is none.
  Result<std::size_t> times_block(std::uint32_t set) const;
  // The times of a piece; valid until the next call.
  Result<const TimeSet*> times(const MetricSegment::Piece& piece);
  Result<void> values(const MetricSegment& segment, const MetricSegment::Piece& piece, std::vector<double>& out) const;

 private:
  MetricChunkAccess(const Chunk& chunk, MetricHeader header, BlockSeal seal, PayloadReader payload, Decompressor decompressor);
  Result<std::string> open_block(std::size_t block);
  Result<void> open_times(std::size_t block);

  ChunkMeta meta_;
  MetricHeader header_;
  BlockSeal seal_;
  PayloadSource payload_;
  Decompressor decompressor_;
  std::vector<std::uint32_t> times_blocks_;  // those of the header that hold times, ascending

  // The block of times opened last, and the sets decoded lately.
  std::size_t open_times_ = SIZE_MAX;
  std::string times_bytes_;
  std::vector<std::size_t> times_ends_;
  std::unordered_map<std::uint32_t, TimeSet> sets_;
  std::size_t sets_bytes_ = 0;
};

}  // namespace penstock::chunk
