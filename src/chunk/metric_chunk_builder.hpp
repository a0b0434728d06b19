// Gathers the samples of one (deployment, journal, day) and makes a chunk of them. Format: FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "chunk/chunk_options.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

struct SeriesSample {
  SeriesId series = 0;
  double value = 0;
};

// Not thread-safe. Samples may come in any order; the chunk is sorted by (series, timestamp), samples of equal time in the order they came
// in. Duplicates are kept.
class MetricChunkBuilder {
 public:
  MetricChunkBuilder(std::string deployment, JournalId journal, std::int32_t day);
  ~MetricChunkBuilder();
  MetricChunkBuilder(MetricChunkBuilder&&) noexcept;
  MetricChunkBuilder& operator=(MetricChunkBuilder&&) noexcept;

  // One point: all its samples share the two times (kept once). Fast when points repeat the same series in the same order. `sequence` is
  // the record's; only the chunk's range of them is kept.
  void add(Sequence sequence, Timestamp timestamp, Timestamp received_at, std::span<const SeriesSample> samples);
  // One sample.
  void add(Sequence sequence, SeriesId series, Timestamp timestamp, Timestamp received_at, double value);

  std::size_t sample_count() const;
  std::size_t series_count() const;
  bool empty() const { return sample_count() == 0; }
  // What the builder holds in memory. finish() needs about as much again while it runs.
  std::size_t memory_bytes() const;

  const std::string& deployment() const;
  JournalId journal() const;
  std::int32_t day() const;

  // As LogChunkBuilder::finish.
  Result<Chunk> finish(Sealer& sealer, const WriteOptions& options = {});
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::chunk
