#include "chunk/metric_chunk_builder.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "chunk/metric_chunk_writer.hpp"
#include "chunk/sample_buffer.hpp"

namespace penstock::chunk {

struct MetricChunkBuilder::State {
  std::string deployment;
  JournalId journal;
  std::int32_t day = 0;
  SampleBuffer samples = {};
  Sequence min_sequence = UINT64_MAX;
  Sequence max_sequence = 0;
};

MetricChunkBuilder::MetricChunkBuilder(std::string deployment, JournalId journal, std::int32_t day)
    : state_(std::make_unique<State>(State{.deployment = std::move(deployment), .journal = journal, .day = day})) {}
MetricChunkBuilder::~MetricChunkBuilder() = default;
MetricChunkBuilder::MetricChunkBuilder(MetricChunkBuilder&&) noexcept = default;
MetricChunkBuilder& MetricChunkBuilder::operator=(MetricChunkBuilder&&) noexcept = default;

void MetricChunkBuilder::add(Sequence sequence, Timestamp timestamp, Timestamp received_at, std::span<const SeriesSample> samples) {
  if (samples.empty()) return;
  state_->min_sequence = std::min(state_->min_sequence, sequence);
  state_->max_sequence = std::max(state_->max_sequence, sequence);
  state_->samples.add(timestamp, received_at, samples);
}

void MetricChunkBuilder::add(Sequence sequence, SeriesId series, Timestamp timestamp, Timestamp received_at, double value) {
  const SeriesSample sample{series, value};
  add(sequence, timestamp, received_at, std::span(&sample, 1));
}

std::size_t MetricChunkBuilder::sample_count() const { return state_->samples.sample_count(); }
std::size_t MetricChunkBuilder::series_count() const { return state_->samples.series_count(); }
std::size_t MetricChunkBuilder::memory_bytes() const { return sizeof(State) + state_->samples.memory_bytes(); }
const std::string& MetricChunkBuilder::deployment() const { return state_->deployment; }
JournalId MetricChunkBuilder::journal() const { return state_->journal; }
std::int32_t MetricChunkBuilder::day() const { return state_->day; }

Result<Chunk> MetricChunkBuilder::finish(Sealer& sealer, const WriteOptions& options) {
  if (empty()) return Error{ErrorCode::internal, "A chunk of no samples was asked for.", ""};
  auto writer =
      MetricChunkWriter::open({state_->deployment, RecordKind::metric, state_->journal, state_->day, {}}, options, sealer);
  if (!writer) return std::move(writer).error();
  auto written = state_->samples.visit([&](const SeriesSamples& series) { return (*writer)->add(series); });
  if (!written) return std::move(written).error();
  auto chunk = (*writer)->finish(state_->min_sequence, state_->max_sequence);
  if (chunk) clear();
  return chunk;
}

void MetricChunkBuilder::clear() {
  state_ = std::make_unique<State>(State{.deployment = std::move(state_->deployment), .journal = state_->journal, .day = state_->day});
}

}  // namespace penstock::chunk
