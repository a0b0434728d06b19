#include "chunk/metric_chunk_writer.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "chunk/codec/integer_codec.hpp"
#include "chunk/codec/real_codec.hpp"

namespace penstock::chunk {
namespace {

// A query for one series reads one segment and one block of times; both small enough to read in passing, large enough to compress.
constexpr std::size_t kMetricBlockBytes = 32u << 10;
constexpr std::size_t kMaxSegmentSeries = 4096;

}  // namespace

Result<std::unique_ptr<MetricChunkWriter>> MetricChunkWriter::open(ChunkIdentity identity, const WriteOptions& options,
                                                                   Sealer& sealer) {
  auto key = sealer.key_for(key_scope(identity.deployment, identity.day));
  if (!key) return std::move(key).error();
  identity.nonce = random_nonce();
  return std::unique_ptr<MetricChunkWriter>(new MetricChunkWriter(std::move(identity), options, sealer, *key));
}

// The seed is not to be guessed: equal hashes are taken for equal times.
MetricChunkWriter::MetricChunkWriter(ChunkIdentity identity, const WriteOptions& options, Sealer& sealer, KeyId key)
    : identity_(std::move(identity)),
      options_(options),
      key_(key),
      seal_(identity_, sealer, key),
      compressor_(options.zstd_level),
      hash_seed_(read_fixed<std::uint64_t>(random_nonce().data())) {}

Result<void> MetricChunkWriter::add(const SeriesSamples& samples) {
  for (std::size_t begin = 0; begin < samples.values.size(); begin += kMaxPieceSamples) {
    const std::size_t size = std::min(kMaxPieceSamples, samples.values.size() - begin);
    const SeriesSamples piece{samples.series, samples.timestamps.subspan(begin, size), samples.received_at.subspan(begin, size),
                              samples.values.subspan(begin, size)};
    if (auto added = add_piece(piece); !added) return added;
  }
  return {};
}

Result<std::uint32_t> MetricChunkWriter::set_of(const SeriesSamples& piece) {
  const std::size_t bytes = piece.timestamps.size_bytes();
  const XXH128_hash_t times = XXH3_128bits_withSeed(piece.timestamps.data(), bytes, hash_seed_);
  const XXH128_hash_t hash = XXH3_128bits_withSeed(piece.received_at.data(), bytes, times.low64 ^ (times.high64 << 1));
  const TimesKey key{hash.low64, hash.high64};
  const auto known = sets_.find(key);
  if (known != sets_.end()) return known->second;
  const auto number = static_cast<std::uint32_t>(sets_.size());
  sets_.emplace(key, number);
  const std::size_t begin = times_.bytes.size();
  append_varint(times_.bytes, piece.timestamps.size());
  encode_integers(times_.bytes, piece.timestamps);
  scratch_.resize(piece.timestamps.size());
  for (std::size_t i = 0; i < scratch_.size(); ++i) {
    scratch_[i] =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(piece.received_at[i]) - static_cast<std::uint64_t>(piece.timestamps[i]));
  }
  encode_integers(times_.bytes, scratch_);
  times_.sizes.push_back(static_cast<std::int64_t>(times_.bytes.size() - begin));
  if (times_.bytes.size() >= kMetricBlockBytes) {
    if (auto ended = end_times(); !ended) return std::move(ended).error();
  }
  return number;
}

Result<void> MetricChunkWriter::add_piece(const SeriesSamples& piece) {
  auto set = set_of(piece);
  if (!set) return std::move(set).error();
  const Timestamp first{piece.timestamps.front()};
  const Timestamp last{piece.timestamps.back()};
  if (ids_.empty()) {
    segment_.min_series = piece.series;
    segment_.min_time = first;
    segment_.max_time = last;
  }
  segment_.max_series = piece.series;
  segment_.min_time = std::min(segment_.min_time, first);
  segment_.max_time = std::max(segment_.max_time, last);
  min_time_ = std::min(min_time_, first);
  max_time_ = std::max(max_time_, last);
  ids_.push_back(static_cast<std::int64_t>(piece.series));
  counts_.push_back(static_cast<std::int64_t>(piece.values.size()));
  set_numbers_.push_back(*set);
  const std::size_t begin = values_.bytes.size();
  encode_reals(values_.bytes, piece.values);
  values_.sizes.push_back(static_cast<std::int64_t>(values_.bytes.size() - begin));
  sample_count_ += piece.values.size();
  return values_.bytes.size() >= kMetricBlockBytes || ids_.size() >= kMaxSegmentSeries ? end_segment() : Result<void>();
}

Result<void> MetricChunkWriter::end_block(MetricBlock block, const std::string& plain) {
  auto sealed = seal_.close(Part::block, header_.blocks.size(), compressor_.pack(plain));
  if (!sealed) return std::move(sealed).error();
  if (payload_.size() + sealed->size() > UINT32_MAX) {
    return Error{ErrorCode::too_large, "A chunk cannot hold more than 4 GiB: flush more often.", ""};
  }
  block.offset = static_cast<std::uint32_t>(payload_.size());
  block.size = static_cast<std::uint32_t>(sealed->size());
  header_.blocks.push_back(block);
  payload_ += *sealed;
  return {};
}

Result<void> MetricChunkWriter::end_times() {
  if (times_.sizes.empty()) return {};
  std::string plain;
  encode_integers(plain, times_.sizes);
  plain += times_.bytes;
  MetricBlock block;
  block.kind = MetricBlockKind::times;
  block.count = static_cast<std::uint32_t>(times_.sizes.size());
  times_ = Bodies();
  return end_block(block, plain);
}

Result<void> MetricChunkWriter::end_segment() {
  if (ids_.empty()) return {};
  std::string plain;
  encode_integers(plain, ids_);
  encode_integers(plain, counts_);
  encode_integers(plain, set_numbers_);
  encode_integers(plain, values_.sizes);
  plain += values_.bytes;
  segment_.kind = MetricBlockKind::segment;
  segment_.count = static_cast<std::uint32_t>(ids_.size());
  ids_.clear();
  counts_.clear();
  set_numbers_.clear();
  values_ = Bodies();
  return end_block(segment_, plain);
}

Result<Chunk> MetricChunkWriter::finish(Sequence min_sequence, Sequence max_sequence) {
  if (auto ended = end_times(); !ended) return std::move(ended).error();
  if (auto ended = end_segment(); !ended) return std::move(ended).error();
  if (sample_count_ > UINT32_MAX) return Error{ErrorCode::too_large, "A chunk cannot hold so many samples: flush more often.", ""};
  auto header = close_header(kMetricMagic, identity_.nonce, seal_, compressor_.pack(header_.encode()));
  if (!header) return std::move(header).error();

  Chunk chunk;
  ChunkMeta& meta = chunk.meta;
  meta.journal = identity_.journal;
  meta.deployment = identity_.deployment;
  meta.kind = RecordKind::metric;
  meta.day = identity_.day;
  meta.min_time = min_time_;
  meta.max_time = max_time_;
  meta.min_sequence = min_sequence;
  meta.max_sequence = max_sequence;
  meta.record_count = static_cast<std::uint32_t>(sample_count_);
  meta.min_series = UINT64_MAX;
  for (const MetricBlock& block : header_.blocks) {
    if (block.kind != MetricBlockKind::segment) continue;
    meta.min_series = std::min(meta.min_series, block.min_series);
    meta.max_series = std::max(meta.max_series, block.max_series);
  }
  meta.key_id = key_;
  meta.level = options_.level;
  meta.payload_bytes = static_cast<std::uint32_t>(payload_.size());
  chunk.header = *std::move(header);
  chunk.payload = std::move(payload_);
  return chunk;
}

}  // namespace penstock::chunk
