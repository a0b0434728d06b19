#include <algorithm>
#include <memory>
#include <utility>

#include "chunk/merge.hpp"
#include "chunk/merge_inputs.hpp"
#include "chunk/metric_chunk_access.hpp"
#include "chunk/metric_chunk_writer.hpp"

namespace penstock::chunk {
namespace {

// One chunk being read, piece by piece, a segment at a time in memory.
class MetricSource {
 public:
  explicit MetricSource(std::unique_ptr<MetricChunkAccess> chunk) : chunk_(std::move(chunk)) {}

  bool done() const { return done_; }
  SeriesId series() const { return segment_.pieces[piece_].series; }
  std::int64_t time() const { return times_.timestamps[at_]; }

  // To the first piece; called once before all else.
  Result<void> start() { return next_segment(); }

  // Appends samples up to a time to the run, at least the current one.
  Result<void> take(std::int64_t until, bool inclusive, TimeSet& times, std::vector<double>& values) {
    const auto& stamps = times_.timestamps;
    const auto from = stamps.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto end = std::max(from + 1, inclusive ? std::upper_bound(from, stamps.end(), until) : std::lower_bound(from, stamps.end(), until));
    const auto size = end - from;
    const auto offset = static_cast<std::ptrdiff_t>(at_);
    times.timestamps.insert(times.timestamps.end(), from, end);
    times.received.insert(times.received.end(), times_.received.begin() + offset, times_.received.begin() + offset + size);
    values.insert(values.end(), values_.begin() + offset, values_.begin() + offset + size);
    at_ += static_cast<std::size_t>(size);
    if (at_ < stamps.size()) return {};
    return ++piece_ < segment_.pieces.size() ? load_piece() : next_segment();
  }

 private:
  Result<void> next_segment() {
    const auto& blocks = chunk_->blocks();
    while (block_ < blocks.size() && blocks[block_].kind != MetricBlockKind::segment) ++block_;
    if (block_ == blocks.size()) {
      done_ = true;
      return {};
    }
    auto segment = chunk_->segment(block_++);
    if (!segment) return std::move(segment).error();
    segment_ = *std::move(segment);
    piece_ = 0;
    return load_piece();
  }

  Result<void> load_piece() {
    const auto& piece = segment_.pieces[piece_];
    at_ = 0;
    auto times = chunk_->times(piece);
    if (!times) return std::move(times).error();
    times_ = **times;
    return chunk_->values(segment_, piece, values_);
  }

  std::unique_ptr<MetricChunkAccess> chunk_;
  std::size_t block_ = 0;
  MetricSegment segment_;
  std::size_t piece_ = 0;
  TimeSet times_;
  std::vector<double> values_;
  std::size_t at_ = 0;
  bool done_ = false;
};

struct SequenceRange {
  Sequence min = UINT64_MAX;
  Sequence max = 0;
};

// The chunk being written.
class MetricOutput {
 public:
  MetricOutput(const ChunkMeta& meta, const WriteOptions& options, std::uint32_t target_bytes, SequenceRange sequences, Sealer& sealer,
               std::vector<Chunk>& out)
      : identity_(ChunkIdentity::of(meta, Nonce{})),
        options_(options),
        target_bytes_(target_bytes),
        sequences_(sequences),
        sealer_(sealer),
        out_(out) {}

  // `begins`: the first samples of a series, so that a chunk may end before them.
  Result<void> add(const SeriesSamples& samples, bool begins) {
    if (begins && writer_ && writer_->payload_bytes() >= target_bytes_) {
      if (auto ended = end(); !ended) return ended;
    }
    if (!writer_) {
      auto writer = MetricChunkWriter::open(identity_, options_, sealer_);
      if (!writer) return std::move(writer).error();
      writer_ = *std::move(writer);
    }
    return writer_->add(samples);
  }

  Result<void> end() {
    if (!writer_) return {};
    // Which sample had which sequence is not kept, so every output has the range of all inputs.
    auto chunk = writer_->finish(sequences_.min, sequences_.max);
    if (!chunk) return std::move(chunk).error();
    out_.push_back(*std::move(chunk));
    writer_.reset();
    return {};
  }

 private:
  ChunkIdentity identity_;
  WriteOptions options_;
  std::size_t target_bytes_;
  SequenceRange sequences_;
  Sealer& sealer_;
  std::vector<Chunk>& out_;
  std::unique_ptr<MetricChunkWriter> writer_;
};

using Sources = std::vector<std::unique_ptr<MetricSource>>;

// The sources that hold samples of the smallest series, in input order; empty when all are done.
std::vector<MetricSource*> holders_of_next(const Sources& sources) {
  std::vector<MetricSource*> holders;
  for (const auto& source : sources) {
    if (source->done()) continue;
    if (!holders.empty() && source->series() < holders.front()->series()) holders.clear();
    if (holders.empty() || source->series() == holders.front()->series()) holders.push_back(source.get());
  }
  return holders;
}

// Merges one series by time, in runs: the holder that is first gives all it has before the next one's turn.
Result<std::uint64_t> merge_series(std::vector<MetricSource*> holders, MetricOutput& output) {
  const SeriesId series = holders.front()->series();
  TimeSet times;
  std::vector<double> values;
  std::uint64_t samples = 0;
  bool begins = true;
  while (!holders.empty()) {
    const auto earlier = [](const MetricSource* a, const MetricSource* b) { return a->time() < b->time(); };
    const auto first = std::min_element(holders.begin(), holders.end(), earlier);
    std::int64_t until = INT64_MAX;
    bool inclusive = true;
    for (auto other = holders.begin(); other != holders.end(); ++other) {
      // An earlier input goes first at equal times.
      if (other == first || (*other)->time() > until || ((*other)->time() == until && !inclusive)) continue;
      until = (*other)->time();
      inclusive = first < other;
    }
    if (auto taken = (*first)->take(until, inclusive, times, values); !taken) return std::move(taken).error();
    if ((*first)->done() || (*first)->series() != series) holders.erase(first);
    if (values.size() < kMaxPieceSamples && !holders.empty()) continue;
    samples += values.size();
    if (auto added = output.add({series, times.timestamps, times.received, values}, begins); !added) return std::move(added).error();
    begins = false;
    times = TimeSet();
    values.clear();
  }
  return samples;
}

}  // namespace

Result<Merged> merge_metrics(const std::vector<Chunk>& inputs, const MergeOptions& options, Sealer& sealer) {
  auto write = check_inputs(inputs, RecordKind::metric, options);
  if (!write) return std::move(write).error();

  Sources sources;
  SequenceRange sequences;
  for (const Chunk& input : inputs) {
    auto chunk = MetricChunkAccess::open(input, payload_in_memory(input.payload), sealer);
    if (!chunk) return std::move(chunk).error();
    sources.push_back(std::make_unique<MetricSource>(*std::move(chunk)));
    if (auto started = sources.back()->start(); !started) return std::move(started).error();
    sequences.min = std::min(sequences.min, input.meta.min_sequence);
    sequences.max = std::max(sequences.max, input.meta.max_sequence);
  }

  Merged merged;
  MetricOutput output(inputs.front().meta, *write, options.target_bytes, sequences, sealer, merged.chunks);
  while (true) {
    auto holders = holders_of_next(sources);
    if (holders.empty()) break;
    auto samples = merge_series(std::move(holders), output);
    if (!samples) return std::move(samples).error();
    merged.records += *samples;
  }
  if (auto ended = output.end(); !ended) return std::move(ended).error();
  return merged;
}

}  // namespace penstock::chunk
