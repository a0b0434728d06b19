// The samples of one series become one value a step.
#pragma once

#include <cstdint>
#include <vector>

#include "query/aggregate.hpp"
#include "query/compensated_sum.hpp"
#include "query/metric_scan.hpp"
#include "query/step_grid.hpp"

namespace penstock::query {

class SeriesSteps {
 public:
  // The grid must outlive it.
  SeriesSteps(Within within, const StepGrid& grid) : within_(within), grid_(grid), cells_(grid.count) {}

  // rate and last need the samples in time order; rate takes those before and after the steps too, as neighbours.
  static bool needs_order(Within within) { return within == Within::rate || within == Within::last; }
  static std::size_t bytes(const StepGrid& grid) { return sizeof(SeriesSteps) + grid.count * sizeof(Cell); }

  void add(const SampleRun& samples);
  // One a step; NaN: none.
  std::vector<double> values() const;
  // For a total over series that send more seldom than once a step: a gauge keeps its value until its next sample comes,
  // as long as that is not much longer than usual; `until`: steps from here on are left as they are.
  std::vector<double> held_values(std::size_t until) const;

 private:
  struct Cell {
    CompensatedSum sum;        // avg, sum, rate; min, max, last: in `value`
    double value = 0;
    std::uint64_t weight = 0;  // samples; rate: nanoseconds covered
  };
  std::size_t usual_distance() const;
  void add_increase(std::int64_t time, double value);

  const Within within_;
  const StepGrid& grid_;
  std::vector<Cell> cells_;
  bool any_ = false;
  std::int64_t previous_time_ = 0;
  double previous_value_ = 0;
};

}  // namespace penstock::query
