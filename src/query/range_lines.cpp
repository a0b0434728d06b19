#include "query/range_lines.hpp"

#include <algorithm>
#include <utility>

#include "query/chunk_walk.hpp"

namespace penstock::query {

RangeLines::RangeLines(std::vector<AggregatePlan> plans, const StepGrid& grid, std::size_t held_until, std::size_t max_series, QueryRun& run)
    : plans_(std::move(plans)), grid_(grid), held_until_(held_until), max_series_(max_series), run_(run) {
  for (const auto& plan : plans_) {
    if (!plan.within) continue;
    if (std::find(withins_.begin(), withins_.end(), *plan.within) == withins_.end()) withins_.push_back(*plan.within);
    ordered_ = ordered_ || SeriesSteps::needs_order(*plan.within);
  }
}

std::size_t RangeLines::series_bytes() const { return sizeof(SeriesState) + 64 + withins_.size() * SeriesSteps::bytes(grid_); }

std::size_t RangeLines::line_bytes() const {
  std::size_t bytes = 64;
  for (const auto& plan : plans_) bytes += sizeof(GroupSteps) + (plan.within ? 0 : GroupSteps::bytes(plan.across, grid_));
  return bytes;
}

std::size_t RangeLines::values_bytes() const {
  return plans_.size() * grid_.count * sizeof(RangeResult::Values::value_type);
}

RangeLines::LineState& RangeLines::line(std::size_t index) {
  LineState& found = lines_[index];
  if (found.empty()) {
    for (const auto& plan : plans_) found.emplace_back(plan.across, grid_, run_);
  }
  return found;
}

Result<void> RangeLines::add(std::size_t index, std::size_t series, SeriesId id, const SampleRun& samples) {
  if (samples.size() == 0) return {};
  run_.stats.records_scanned += samples.size();
  auto [at, added] = series_.try_emplace(series);
  SeriesState& state = at->second;
  if (added && !run_.lease.grow(series_bytes())) return memory_error();
  if (added) {
    for (const Within within : withins_) state.within.emplace_back(within, grid_);
  }
  if (!state.counted && std::any_of(samples.times.begin(), samples.times.end(), [&](std::int64_t t) { return grid_.holds(t); })) {
    state.counted = true;
    if (++series_seen_ > max_series_) return too_many_series(max_series_);
  }
  for (auto& steps : state.within) steps.add(samples);
  LineState& into = line(index);
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    if (plans_[i].within) continue;
    if (auto ok = into[i].add_samples(id, samples); !ok) return ok;
  }
  return {};
}

Result<void> RangeLines::fold(std::size_t index, std::size_t series) {
  const auto found = series_.find(series);
  if (found == series_.end()) return {};
  LineState& into = line(index);
  for (std::size_t w = 0; w < withins_.size(); ++w) {
    const SeriesSteps& steps = found->second.within[w];
    const std::vector<double> values = held_until_ > 0 ? steps.held_values(held_until_) : steps.values();
    for (std::size_t i = 0; i < plans_.size(); ++i) {
      if (plans_[i].within != withins_[w]) continue;
      if (auto ok = into[i].add_values(values); !ok) return ok;
    }
  }
  series_.erase(found);
  run_.lease.shrink(series_bytes());
  return {};
}

std::vector<RangeResult::Values> RangeLines::take(std::size_t index) {
  std::vector<RangeResult::Values> out;
  const auto found = lines_.find(index);
  if (found == lines_.end()) return out;
  bool any = false;
  for (auto& steps : found->second) {
    out.push_back(steps.finish());
    any = any || !out.back().empty();
    out.back().resize(grid_.count);
  }
  lines_.erase(found);
  if (!any) out.clear();
  return out;
}

}  // namespace penstock::query
