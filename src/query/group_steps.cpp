#include "query/group_steps.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "query/chunk_walk.hpp"

namespace penstock::query {

std::size_t GroupSteps::bytes(Aggregate across, const StepGrid& grid) {
  std::size_t state = quantile_of(across) ? sizeof(QuantileSketch) : sizeof(Cell);
  if (across == Aggregate::last) state += sizeof(Age);
  return grid.count * state;
}

Result<void> GroupSteps::open() {
  if (!cells_.empty() || !sketches_.empty()) return {};
  if (!run_.lease.grow(bytes(across_, grid_))) return memory_error();
  charged_ = bytes(across_, grid_);
  if (quantile_of(across_)) {
    sketches_.resize(grid_.count);
  } else {
    cells_.resize(grid_.count);
    if (across_ == Aggregate::last) ages_.resize(grid_.count);
  }
  return {};
}

Result<void> GroupSteps::add(std::size_t step, double value) {
  if (!sketches_.empty()) {
    auto& sketch = sketches_[step];
    const std::size_t before = sketch.memory_bytes();
    sketch.add(value);
    const std::size_t after = sketch.memory_bytes();
    if (after > before && !run_.lease.grow(after - before)) return memory_error();
    if (after < before) run_.lease.shrink(before - after);
    charged_ += after - before;
    return {};
  }
  Cell& cell = cells_[step];
  const bool first = cell.count++ == 0;
  switch (across_) {
    case Aggregate::min: cell.value = first ? value : std::min(cell.value, value); break;
    case Aggregate::max: cell.value = first ? value : std::max(cell.value, value); break;
    default: cell.sum.add(value); break;
  }
  return {};
}

Result<void> GroupSteps::add_samples(SeriesId series, const SampleRun& samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!grid_.holds(samples.times[i])) continue;
    if (auto ok = open(); !ok) return ok;
    const std::size_t step = grid_.index(samples.times[i]);
    if (across_ != Aggregate::last) {
      if (auto ok = add(step, samples.values[i]); !ok) return ok;
      continue;
    }
    const Age age{samples.times[i], samples.received[i], series, samples.journal, samples.sequence};
    // Of one chunk those that come later are newer.
    if (cells_[step].count++ > 0 && age < ages_[step]) continue;
    cells_[step].value = samples.values[i];
    ages_[step] = age;
  }
  return {};
}

Result<void> GroupSteps::add_values(std::span<const double> values) {
  for (std::size_t step = 0; step < values.size(); ++step) {
    if (std::isnan(values[step])) continue;
    if (auto ok = open(); !ok) return ok;
    if (auto ok = add(step, values[step]); !ok) return ok;
  }
  return {};
}

RangeResult::Values GroupSteps::finish() {
  RangeResult::Values out;
  const auto quantile = quantile_of(across_);
  if (!cells_.empty() || !sketches_.empty()) out.resize(grid_.count);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (quantile) {
      if (sketches_[i].count() > 0) out[i] = sketches_[i].quantile(*quantile);
      continue;
    }
    const Cell& cell = cells_[i];
    if (cell.count == 0) continue;
    switch (across_) {
      case Aggregate::avg: out[i] = cell.sum.divided_by(static_cast<double>(cell.count)); break;
      case Aggregate::count: out[i] = static_cast<double>(cell.count); break;
      case Aggregate::min:
      case Aggregate::max:
      case Aggregate::last: out[i] = cell.value; break;
      default: out[i] = cell.sum.value(); break;
    }
  }
  cells_ = {};
  ages_ = {};
  sketches_ = {};
  run_.lease.shrink(std::exchange(charged_, 0));
  return out;
}

}  // namespace penstock::query
