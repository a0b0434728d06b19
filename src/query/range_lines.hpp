// Samples of many series become one value a bucket of time and line.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "penstock/core/result.hpp"
#include "query/metric_query.hpp"
#include "query/metric_scan.hpp"
#include "query/quantile_sketch.hpp"
#include "query/query_run.hpp"

namespace penstock::query {

// A line's cells are made when its first sample comes. Memory is charged to the run's lease.
class RangeLines {
 public:
  // Buckets [first + i * step, first + (i + 1) * step), i < buckets.
  RangeLines(Aggregate aggregate, std::int64_t first, std::int64_t step, std::size_t buckets, QueryRun& run);

  // rate needs the samples of each series in time order, from one day to the next too.
  bool ordered() const { return aggregate_ == Aggregate::rate; }
  // Samples of one series, in time order; times outside the buckets are left out, though rate takes an earlier one as
  // the start.
  Result<void> add(std::size_t line, SeriesId series, const SampleRun& samples);
  // One value a bucket; empty when the line had no sample. After the first call no sample may be added.
  std::vector<std::optional<double>> finish(std::size_t line);

 private:
  struct Cell {
    double value = 0;  // sum, min, max, last
    std::uint64_t count = 0;
  };
  // Orders samples of any series so that they come alike from chunks, merged or not, and from live frames.
  struct Age {
    std::int64_t time = 0, received = 0;
    SeriesId series = 0;
    JournalId journal;
    Sequence sequence = 0;
    auto operator<=>(const Age&) const = default;
  };
  // rate: one series in the bucket at hand, and the sample before.
  struct Counter {
    std::size_t line = 0;
    std::int64_t previous_time = 0;
    double previous_value = 0;
    bool any = false;
    std::int64_t bucket = -1;  // being gathered
    std::int64_t since = 0;    // time of the sample that its first increase starts from
    double increase = 0;
  };
  struct Line {
    std::vector<Cell> cells;
    std::vector<Age> ages;  // last only: of the cells' values
    std::vector<QuantileSketch> sketches;
  };

  Result<Line*> line(std::size_t index);
  Result<void> add_sketched(Line& line, std::span<const std::int64_t> times, std::span<const double> values);
  void add_last(Line& line, SeriesId series, const SampleRun& samples);
  Result<void> add_rate(std::size_t line, SeriesId series, std::span<const std::int64_t> times,
                        std::span<const double> values);
  void close_bucket(Counter& counter);
  std::int64_t bucket_of(std::int64_t time) const;
  double percentile() const;

  const Aggregate aggregate_;
  const std::int64_t first_, step_;
  const std::size_t buckets_;
  QueryRun& run_;
  std::vector<Line> lines_;
  std::unordered_map<SeriesId, Counter> counters_;
};

}  // namespace penstock::query
