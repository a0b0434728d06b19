// Writes a chunk of samples series by series; what the builder and merging share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "chunk/block_seal.hpp"
#include "chunk/chunk_options.hpp"
#include "chunk/compressor.hpp"
#include "chunk/metric_chunk_reader.hpp"
#include "chunk/metric_header.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

// Not thread-safe. After an error it is of no more use.
class MetricChunkWriter {
 public:
  // Asks the sealer for the key. `identity.nonce` is drawn anew.
  static Result<std::unique_ptr<MetricChunkWriter>> open(ChunkIdentity identity, const WriteOptions& options, Sealer& sealer);

  // Samples of a series in time order, series ascending; a series may be given in several calls that follow each other in time.
  Result<void> add(const SeriesSamples& samples);
  // What is written and gathered so far.
  std::size_t payload_bytes() const { return payload_.size() + times_.bytes.size() + values_.bytes.size(); }
  std::uint64_t sample_count() const { return sample_count_; }
  // The chunk of all samples added (at least one).
  Result<Chunk> finish(Sequence min_sequence, Sequence max_sequence);

 private:
  using TimesKey = std::array<std::uint64_t, 2>;
  // Bodies gathered for one block.
  struct Bodies {
    std::string bytes;
    std::vector<std::int64_t> sizes;
  };

  MetricChunkWriter(ChunkIdentity identity, const WriteOptions& options, Sealer& sealer, KeyId key);
  Result<void> add_piece(const SeriesSamples& piece);
  Result<std::uint32_t> set_of(const SeriesSamples& piece);
  Result<void> end_times();
  Result<void> end_segment();
  Result<void> end_block(MetricBlock block, const std::string& plain);

  ChunkIdentity identity_;
  WriteOptions options_;
  KeyId key_;
  BlockSeal seal_;
  Compressor compressor_;
  std::string payload_;
  MetricHeader header_;
  std::uint64_t sample_count_ = 0;
  Timestamp min_time_{INT64_MAX}, max_time_{INT64_MIN};

  std::uint64_t hash_seed_;
  std::map<TimesKey, std::uint32_t> sets_;  // hash of the times → number of the set
  Bodies times_;
  Bodies values_;
  std::vector<std::int64_t> ids_, counts_, set_numbers_;  // of the segment being gathered
  MetricBlock segment_;
  std::vector<std::int64_t> scratch_;
};

}  // namespace penstock::chunk
