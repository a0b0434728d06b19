// Samples gathered as they came, before they are sorted by series.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "chunk/metric_chunk_builder.hpp"
#include "chunk/metric_chunk_reader.hpp"
#include "penstock/core/result.hpp"

namespace penstock::chunk {

// Not thread-safe. 16 bytes a sample, 16 a point, 24 to 32 a series.
class SampleBuffer {
 public:
  void add(Timestamp timestamp, Timestamp received_at, std::span<const SeriesSample> samples);

  std::size_t sample_count() const { return values_.size(); }
  std::size_t series_count() const { return series_.size(); }
  std::size_t memory_bytes() const;

  // Every series, ascending by id, its samples in time order (equal times in the order they came). Stops at the first error.
  Result<void> visit(const std::function<Result<void>(const SeriesSamples&)>& visitor) const;

 private:
  struct KnownSeries {
    SeriesId id = 0;
    std::uint32_t next = 0;   // the series that came after it last time: points repeat their series in the same order
    std::uint32_t count = 0;  // samples
  };
  std::uint32_t number_of(SeriesId id);
  void grow();

  std::vector<std::int64_t> timestamps_, received_;  // a point each
  std::vector<std::uint32_t> sample_series_, sample_points_;
  std::vector<double> values_;
  std::vector<KnownSeries> series_;
  std::vector<std::uint32_t> slots_;  // open addressing: number of a series + 1
  std::uint32_t last_ = 0;            // the series added last
};

}  // namespace penstock::chunk
