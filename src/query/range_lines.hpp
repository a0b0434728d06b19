// Samples of many series become the lines of an answer: within each series first, then across the series of a line.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "penstock/core/result.hpp"
#include "query/aggregate.hpp"
#include "query/group_steps.hpp"
#include "query/metric_query.hpp"
#include "query/metric_scan.hpp"
#include "query/query_run.hpp"
#include "query/series_steps.hpp"
#include "query/step_grid.hpp"

namespace penstock::query {

// State is made when a first sample comes, and charged to the run's lease. First all samples of some series are added,
// then each of these is folded into its line; when a line's last series was folded its values are taken.
class RangeLines {
 public:
  // At most `max_series` may have a sample within the steps. `held_until`: for lines of several series gauges are held
  // over steps without a sample, up to there; 0: they are not.
  RangeLines(std::vector<AggregatePlan> plans, const StepGrid& grid, std::size_t held_until, std::size_t max_series, QueryRun& run);

  // Whether each series' samples must come in time order (from one call to the next too), with its neighbours outside
  // the steps.
  bool ordered() const { return ordered_; }
  // What a series and a line hold until they are folded and taken, at most (sketches come on top).
  std::size_t series_bytes() const;
  std::size_t line_bytes() const;

  Result<void> add(std::size_t line, std::size_t series, SeriesId id, const SampleRun& samples);
  Result<void> fold(std::size_t line, std::size_t series);
  // By aggregate, each of grid.count values; empty when the line had no sample. The lease keeps values_bytes() for them.
  std::vector<RangeResult::Values> take(std::size_t line);
  std::size_t values_bytes() const;

 private:
  struct SeriesState {
    bool counted = false;              // had a sample within the steps
    std::vector<SeriesSteps> within;   // as withins_
  };
  using LineState = std::vector<GroupSteps>;  // as plans_

  LineState& line(std::size_t index);

  const std::vector<AggregatePlan> plans_;
  const StepGrid grid_;
  const std::size_t held_until_, max_series_;
  QueryRun& run_;
  std::vector<Within> withins_;  // those that plans_ need, each once
  bool ordered_ = false;
  std::size_t series_seen_ = 0;
  std::unordered_map<std::size_t, SeriesState> series_;
  std::unordered_map<std::size_t, LineState> lines_;
};

}  // namespace penstock::query
