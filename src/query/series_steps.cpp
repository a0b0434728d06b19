#include "query/series_steps.hpp"

#include <algorithm>
#include <limits>

namespace penstock::query {

void SeriesSteps::add(const SampleRun& samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double value = samples.values[i];
    if (within_ == Within::rate) {
      add_increase(samples.times[i], value);
      continue;
    }
    if (!grid_.holds(samples.times[i])) continue;
    Cell& cell = cells_[grid_.index(samples.times[i])];
    const bool first = cell.weight++ == 0;
    switch (within_) {
      case Within::min: cell.value = first ? value : std::min(cell.value, value); break;
      case Within::max: cell.value = first ? value : std::max(cell.value, value); break;
      case Within::last: cell.value = value; break;
      default: cell.sum.add(value); break;
    }
  }
}

// A counter grows while nobody looks: the increase belongs to the whole time between the two samples.
void SeriesSteps::add_increase(std::int64_t time, double value) {
  if (any_ && time <= previous_time_) return;  // the same sample, sent twice
  if (any_) {
    const double increase = value >= previous_value_ ? value - previous_value_ : value;
    const double whole = static_cast<double>(time) - static_cast<double>(previous_time_);
    const std::int64_t until = std::min(time, grid_.end());
    for (std::int64_t from = std::max(previous_time_, grid_.first); from < until;) {
      const std::size_t step = grid_.index(from);
      const std::int64_t to = std::min(until, grid_.first + static_cast<std::int64_t>(step + 1) * grid_.step);
      cells_[step].sum.add(increase * (static_cast<double>(to - from) / whole));
      cells_[step].weight += static_cast<std::uint64_t>(to - from);
      from = to;
    }
  }
  any_ = true;
  previous_time_ = time;
  previous_value_ = value;
}

std::vector<double> SeriesSteps::values() const {
  std::vector<double> out(cells_.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i];
    if (cell.weight == 0) continue;
    const auto weight = static_cast<double>(cell.weight);
    switch (within_) {
      case Within::avg: out[i] = cell.sum.divided_by(weight); break;
      case Within::sum: out[i] = cell.sum.value(); break;
      case Within::count: out[i] = weight; break;
      case Within::rate: out[i] = cell.sum.divided_by(weight / 1e9); break;
      case Within::min:
      case Within::max:
      case Within::last: out[i] = cell.value; break;
    }
  }
  return out;
}

}  // namespace penstock::query
