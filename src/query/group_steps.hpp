// What a group of series has of one aggregate, one value a step: over all their samples, or over one value a series.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "penstock/core/result.hpp"
#include "query/aggregate.hpp"
#include "query/compensated_sum.hpp"
#include "query/metric_query.hpp"
#include "query/metric_scan.hpp"
#include "query/quantile_sketch.hpp"
#include "query/query_run.hpp"
#include "query/step_grid.hpp"

namespace penstock::query {

// Its memory is charged to the run's lease when the first value comes.
class GroupSteps {
 public:
  // The grid must outlive it.
  GroupSteps(Aggregate across, const StepGrid& grid, QueryRun& run) : across_(across), grid_(grid), run_(run) {}

  static std::size_t bytes(Aggregate across, const StepGrid& grid);

  // Samples of one series, in any order.
  Result<void> add_samples(SeriesId series, const SampleRun& samples);
  // One value a step of one series; NaN: none.
  Result<void> add_values(std::span<const double> values);
  // Empty when nothing came. Gives back what it was charged, but for the values.
  RangeResult::Values finish();

 private:
  struct Cell {
    CompensatedSum sum;  // avg, sum
    double value = 0;    // min, max, last
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

  Result<void> open();
  Result<void> add(std::size_t step, double value);

  Aggregate across_;
  const StepGrid& grid_;
  QueryRun& run_;
  std::vector<Cell> cells_;
  std::vector<Age> ages_;  // last only: of the cells' values
  std::vector<QuantileSketch> sketches_;
  std::size_t charged_ = 0;
};

}  // namespace penstock::query
