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
      const std::int64_t to = std::min(until, grid_.start(step + 1));
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

// Steps from one with samples to the next, as they usually are; 0 when that tells nothing of the series' pace: it sends
// several times a step, so that an empty step is a gap, or has too few samples.
std::size_t SeriesSteps::usual_distance() const {
  std::vector<std::size_t> distances;
  std::uint64_t samples = 0;
  std::size_t last = cells_.size();
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].weight == 0) continue;
    samples += cells_[i].weight;
    if (last < cells_.size()) distances.push_back(i - last);
    last = i;
  }
  if (distances.empty() || samples >= 2 * (distances.size() + 1)) return 0;
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return *middle;
}

std::vector<double> SeriesSteps::held_values(std::size_t until) const {
  std::vector<double> out = values();
  const bool gauge = within_ == Within::avg || within_ == Within::min || within_ == Within::max || within_ == Within::last;
  const std::size_t usual = gauge ? usual_distance() : 0;
  if (usual == 0) return out;
  // One sample may be missing. Where one comes about every step, a step between two may stay empty by chance.
  const std::size_t most = usual == 1 ? 1 : usual * 5 / 2 - 1;
  until = std::min(until, out.size());
  std::size_t begin = 0;  // of a run of empty steps
  for (std::size_t i = 0; i <= until; ++i) {
    const bool any = i < until && cells_[i].weight > 0;
    if (!any && i < until) continue;
    if (begin == 0 && any) {
      // Before the first step there was a sample too, most likely.
      if (i < usual) std::fill(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(i), out[i]);
    } else if (begin > 0 && i - begin <= most) {
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(i), out[begin - 1]);
    }
    begin = i + 1;
  }
  return out;
}

}  // namespace penstock::query
