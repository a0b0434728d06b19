#include "chunk/metric_chunk_access.hpp"

#include <algorithm>
#include <utility>

#include "base/bytes.hpp"
#include "chunk/codec/integer_codec.hpp"
#include "chunk/codec/real_codec.hpp"
#include "chunk/corrupt.hpp"

namespace penstock::chunk {
namespace {

constexpr std::size_t kMaxSetsBytes = 1u << 20;

Error damaged_segment() { return corrupt("a segment of samples"); }
Error damaged_times() { return corrupt("the times of samples"); }

// Turns sizes into ends; false when they do not cover exactly `total`.
bool to_ends(const std::vector<std::int64_t>& sizes, std::size_t total, std::vector<std::size_t>& ends) {
  std::size_t end = 0;
  ends.clear();
  for (const std::int64_t size : sizes) {
    if (size < 0 || static_cast<std::uint64_t>(size) > total - end) return false;
    end += static_cast<std::size_t>(size);
    ends.push_back(end);
  }
  return end == total;
}

// What one byte of an encoded directory may stand for at most; wide enough for anything a writer makes.
constexpr std::size_t kMaxBlockEntries = 1u << 20;

}  // namespace

MetricChunkAccess::MetricChunkAccess(const Chunk& chunk, MetricHeader header, BlockSeal seal, PayloadReader payload,
                                     Decompressor decompressor)
    : meta_(chunk.meta),
      header_(std::move(header)),
      seal_(std::move(seal)),
      payload_(std::move(payload), chunk.meta.payload_bytes),
      decompressor_(std::move(decompressor)) {
  for (std::uint32_t i = 0; i < header_.blocks.size(); ++i) {
    if (header_.blocks[i].kind == MetricBlockKind::times) times_blocks_.push_back(i);
  }
}

Result<std::unique_ptr<MetricChunkAccess>> MetricChunkAccess::open(const Chunk& chunk, PayloadReader payload, Sealer& sealer) {
  auto nonce = header_nonce(kMetricMagic, chunk.header);
  if (!nonce) return std::move(nonce).error();
  BlockSeal seal(ChunkIdentity::of(chunk.meta, *nonce), sealer, chunk.meta.key_id);
  auto packed = open_header(chunk.header, seal);
  if (!packed) return std::move(packed).error();
  Decompressor decompressor;
  auto body = decompressor.unpack(*packed);
  if (!body) return std::move(body).error();
  auto header = MetricHeader::decode(*body);
  if (!header) return std::move(header).error();
  std::uint64_t bytes = 0;
  for (const MetricBlock& block : header->blocks) bytes += block.size;
  if (bytes != chunk.meta.payload_bytes) return corrupt("a header that is not of this payload");
  return std::unique_ptr<MetricChunkAccess>(
      new MetricChunkAccess(chunk, *std::move(header), std::move(seal), std::move(payload), std::move(decompressor)));
}

Result<std::string> MetricChunkAccess::open_block(std::size_t block) {
  const ByteRange range = range_of(header_.blocks[block]);
  if (!payload_.holds(range)) {
    if (auto fetched = payload_.fetch({range}); !fetched) return std::move(fetched).error();
  }
  auto packed = seal_.open(Part::block, block, payload_.at(range));
  if (!packed) return packed;
  return decompressor_.unpack(*packed);
}

Result<MetricSegment> MetricChunkAccess::segment(std::size_t block) {
  auto plain = open_block(block);
  if (!plain) return std::move(plain).error();
  const std::size_t count = header_.blocks[block].count;
  ByteReader in(*plain);
  std::vector<std::int64_t> ids, counts, sets, sizes;
  std::vector<std::size_t> ends;
  if (count == 0 || count > kMaxBlockEntries || !decode_integers(in, count, ids) || !decode_integers(in, count, counts) ||
      !decode_integers(in, count, sets) || !decode_integers(in, count, sizes) || !to_ends(sizes, in.remaining(), ends)) {
    return damaged_segment();
  }
  MetricSegment out;
  out.pieces.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto series = static_cast<SeriesId>(ids[i]);
    if (counts[i] <= 0 || counts[i] > static_cast<std::int64_t>(kMaxPieceSamples) || sets[i] < 0 || sets[i] > UINT32_MAX ||
        (i > 0 && series < out.pieces.back().series)) {
      return damaged_segment();
    }
    const std::size_t begin = i == 0 ? 0 : ends[i - 1];
    out.pieces.push_back({series, static_cast<std::uint32_t>(counts[i]), static_cast<std::uint32_t>(sets[i]), begin, ends[i] - begin});
  }
  out.values = plain->substr(in.position());
  return out;
}

Result<std::size_t> MetricChunkAccess::times_block(std::uint32_t set) const {
  auto after = std::upper_bound(times_blocks_.begin(), times_blocks_.end(), set,
                                [this](std::uint32_t s, std::uint32_t block) { return s < header_.blocks[block].first_set; });
  if (after == times_blocks_.begin()) return damaged_times();
  const std::size_t block = *--after;
  if (set - header_.blocks[block].first_set >= header_.blocks[block].count) return damaged_times();
  return block;
}

Result<void> MetricChunkAccess::open_times(std::size_t block) {
  if (open_times_ == block) return {};
  open_times_ = SIZE_MAX;
  auto plain = open_block(block);
  if (!plain) return std::move(plain).error();
  const std::size_t count = header_.blocks[block].count;
  ByteReader in(*plain);
  std::vector<std::int64_t> sizes;
  if (count == 0 || count > kMaxBlockEntries || !decode_integers(in, count, sizes) || !to_ends(sizes, in.remaining(), times_ends_)) {
    return damaged_times();
  }
  times_bytes_ = plain->substr(in.position());
  open_times_ = block;
  return {};
}

Result<const TimeSet*> MetricChunkAccess::times(const MetricSegment::Piece& piece) {
  const auto known = sets_.find(piece.set);
  if (known != sets_.end()) {
    if (known->second.timestamps.size() != piece.count) return damaged_times();
    return &known->second;
  }
  auto block = times_block(piece.set);
  if (!block) return std::move(block).error();
  if (auto opened = open_times(*block); !opened) return std::move(opened).error();
  const std::size_t place = piece.set - header_.blocks[*block].first_set;
  const std::size_t begin = place == 0 ? 0 : times_ends_[place - 1];
  ByteReader in(std::string_view(times_bytes_).substr(begin, times_ends_[place] - begin));
  std::uint64_t count = 0;
  TimeSet set;
  if (!in.varint(count) || count != piece.count || !decode_integers(in, piece.count, set.timestamps) ||
      !decode_integers(in, piece.count, set.received) || !in.done() || !std::is_sorted(set.timestamps.begin(), set.timestamps.end())) {
    return damaged_times();
  }
  for (std::size_t i = 0; i < set.received.size(); ++i) {
    set.received[i] =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(set.received[i]) + static_cast<std::uint64_t>(set.timestamps[i]));
  }
  const std::size_t bytes = 2 * sizeof(std::int64_t) * piece.count;
  if (sets_bytes_ + bytes > kMaxSetsBytes) {
    sets_.clear();
    sets_bytes_ = 0;
  }
  sets_bytes_ += bytes;
  return &sets_.emplace(piece.set, std::move(set)).first->second;
}

Result<void> MetricChunkAccess::values(const MetricSegment& segment, const MetricSegment::Piece& piece, std::vector<double>& out) const {
  ByteReader in(std::string_view(segment.values).substr(piece.offset, piece.size));
  if (!decode_reals(in, piece.count, out) || !in.done()) return damaged_segment();
  return {};
}

}  // namespace penstock::chunk
