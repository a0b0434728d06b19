#include "chunk/metric_chunk_reader.hpp"

#include <algorithm>
#include <utility>

#include "chunk/metric_chunk_access.hpp"

namespace penstock::chunk {
namespace {

// Segments are unpacked together up to this many payload bytes, so that neighbours cost one payload read.
constexpr std::uint64_t kBatchBytes = 512u << 10;

bool overlaps(const MetricBlock& block, Timestamp from, Timestamp to) { return block.min_time < to && block.max_time >= from; }

// Any of the wanted series (all when null) may be in the block.
bool holds_any(const MetricBlock& block, const std::span<const SeriesId>* wanted) {
  if (wanted == nullptr) return true;
  const auto at = std::lower_bound(wanted->begin(), wanted->end(), block.min_series);
  return at != wanted->end() && *at <= block.max_series;
}

bool is_wanted(SeriesId series, const std::span<const SeriesId>* wanted) {
  return wanted == nullptr || std::binary_search(wanted->begin(), wanted->end(), series);
}

}  // namespace

struct MetricChunkReader::State {
  std::unique_ptr<MetricChunkAccess> chunk;
  std::vector<double> values = {};

  Result<void> read(const std::span<const SeriesId>* wanted, Timestamp from, Timestamp to, const SeriesVisitor& visit);
  Result<void> read_batch(const std::vector<std::size_t>& blocks, const std::span<const SeriesId>* wanted, Timestamp from, Timestamp to,
                          const SeriesVisitor& visit, bool& more);
  Result<void> fetch_times(const std::vector<MetricSegment>& segments);
  Result<bool> visit_piece(const MetricSegment& segment, const MetricSegment::Piece& piece, Timestamp from, Timestamp to,
                           const SeriesVisitor& visit);
};

Result<void> MetricChunkReader::State::read(const std::span<const SeriesId>* wanted, Timestamp from, Timestamp to,
                                            const SeriesVisitor& visit) {
  std::vector<std::size_t> batch;
  std::uint64_t bytes = 0;
  bool more = true;
  for (std::size_t i = 0; i < chunk->blocks().size() && more; ++i) {
    const MetricBlock& block = chunk->blocks()[i];
    if (block.kind != MetricBlockKind::segment || !overlaps(block, from, to) || !holds_any(block, wanted)) continue;
    batch.push_back(i);
    bytes += block.size;
    if (bytes < kBatchBytes) continue;
    if (auto done = read_batch(batch, wanted, from, to, visit, more); !done) return done;
    batch.clear();
    bytes = 0;
  }
  if (!more || batch.empty()) return {};
  return read_batch(batch, wanted, from, to, visit, more);
}

Result<void> MetricChunkReader::State::read_batch(const std::vector<std::size_t>& blocks, const std::span<const SeriesId>* wanted,
                                                  Timestamp from, Timestamp to, const SeriesVisitor& visit, bool& more) {
  std::vector<ByteRange> ranges;
  for (const std::size_t block : blocks) ranges.push_back(MetricChunkAccess::range_of(chunk->blocks()[block]));
  if (auto fetched = chunk->payload().fetch(ranges); !fetched) return fetched;
  std::vector<MetricSegment> segments;
  for (const std::size_t block : blocks) {
    auto segment = chunk->segment(block);
    if (!segment) return std::move(segment).error();
    std::erase_if(segment->pieces, [wanted](const auto& piece) { return !is_wanted(piece.series, wanted); });
    if (!segment->pieces.empty()) segments.push_back(*std::move(segment));
  }
  if (auto fetched = fetch_times(segments); !fetched) return fetched;
  for (const MetricSegment& segment : segments) {
    for (const auto& piece : segment.pieces) {
      auto visited = visit_piece(segment, piece, from, to, visit);
      if (!visited) return std::move(visited).error();
      more = *visited;
      if (!more) return {};
    }
  }
  chunk->payload().release();
  return {};
}

Result<void> MetricChunkReader::State::fetch_times(const std::vector<MetricSegment>& segments) {
  std::vector<std::size_t> blocks;
  for (const MetricSegment& segment : segments) {
    for (const auto& piece : segment.pieces) {
      auto block = chunk->times_block(piece.set);
      if (!block) return std::move(block).error();
      blocks.push_back(*block);
    }
  }
  std::sort(blocks.begin(), blocks.end());
  blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
  std::vector<ByteRange> ranges;
  bool missing = false;
  for (const std::size_t block : blocks) {
    ranges.push_back(MetricChunkAccess::range_of(chunk->blocks()[block]));
    missing = missing || !chunk->payload().holds(ranges.back());
  }
  if (!missing) return {};
  return chunk->payload().fetch(ranges);
}

Result<bool> MetricChunkReader::State::visit_piece(const MetricSegment& segment, const MetricSegment::Piece& piece, Timestamp from,
                                                   Timestamp to, const SeriesVisitor& visit) {
  auto times = chunk->times(piece);
  if (!times) return std::move(times).error();
  const auto& stamps = (*times)->timestamps;
  const auto first = std::lower_bound(stamps.begin(), stamps.end(), from.ns);
  const auto last = std::lower_bound(first, stamps.end(), to.ns);
  if (first == last) return true;
  if (auto decoded = chunk->values(segment, piece, values); !decoded) return std::move(decoded).error();
  const auto begin = static_cast<std::size_t>(first - stamps.begin());
  const auto size = static_cast<std::size_t>(last - first);
  return visit({piece.series, std::span(stamps).subspan(begin, size), std::span((*times)->received).subspan(begin, size),
                std::span<const double>(values).subspan(begin, size)});
}

MetricChunkReader::MetricChunkReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
MetricChunkReader::~MetricChunkReader() = default;

Result<std::unique_ptr<MetricChunkReader>> MetricChunkReader::open(const Chunk& chunk, PayloadReader payload, Sealer& sealer) {
  auto access = MetricChunkAccess::open(chunk, std::move(payload), sealer);
  if (!access) return std::move(access).error();
  return std::unique_ptr<MetricChunkReader>(new MetricChunkReader(std::make_unique<State>(State{.chunk = *std::move(access)})));
}

const ChunkMeta& MetricChunkReader::meta() const { return state_->chunk->meta(); }
std::uint64_t MetricChunkReader::bytes_read() const { return state_->chunk->payload().bytes_read(); }

Result<std::vector<SeriesEntry>> MetricChunkReader::directory() {
  std::vector<SeriesEntry> entries;
  for (std::size_t i = 0; i < state_->chunk->blocks().size(); ++i) {
    if (state_->chunk->blocks()[i].kind != MetricBlockKind::segment) continue;
    auto segment = state_->chunk->segment(i);
    if (!segment) return std::move(segment).error();
    for (const auto& piece : segment->pieces) {
      auto times = state_->chunk->times(piece);
      if (!times) return std::move(times).error();
      const Timestamp first{(*times)->timestamps.front()};
      const Timestamp last{(*times)->timestamps.back()};
      if (entries.empty() || entries.back().id != piece.series) entries.push_back({piece.series, 0, first, last});
      entries.back().count += piece.count;
      entries.back().max_time = last;
    }
  }
  return entries;
}

Result<void> MetricChunkReader::read(std::span<const SeriesId> series, Timestamp from, Timestamp to, const SeriesVisitor& visit) {
  return state_->read(&series, from, to, visit);
}

Result<void> MetricChunkReader::read_all(Timestamp from, Timestamp to, const SeriesVisitor& visit) {
  return state_->read(nullptr, from, to, visit);
}

}  // namespace penstock::chunk
