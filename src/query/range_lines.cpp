#include "query/range_lines.hpp"

#include <algorithm>

#include "query/chunk_walk.hpp"
#include "query/histogram_counts.hpp"

namespace penstock::query {
namespace {

bool is_percentile(Aggregate a) {
  return a == Aggregate::p50 || a == Aggregate::p90 || a == Aggregate::p95 || a == Aggregate::p99;
}

}  // namespace

RangeLines::RangeLines(Aggregate aggregate, std::int64_t first, std::int64_t step, std::size_t buckets, QueryRun& run)
    : aggregate_(aggregate), first_(first), step_(step), buckets_(buckets), run_(run) {}

// Negative: before the first; buckets_ or more: after the last.
std::int64_t RangeLines::bucket_of(std::int64_t time) const { return time < first_ ? -1 : (time - first_) / step_; }

double RangeLines::percentile() const {
  switch (aggregate_) {
    case Aggregate::p90: return 0.90;
    case Aggregate::p95: return 0.95;
    case Aggregate::p99: return 0.99;
    default: return 0.50;
  }
}

Result<RangeLines::Line*> RangeLines::line(std::size_t index) {
  if (lines_.size() <= index) lines_.resize(index + 1);
  Line& found = lines_[index];
  if (!found.cells.empty() || !found.sketches.empty()) return &found;
  // The cells, and the values of the answer after them.
  std::size_t state = is_percentile(aggregate_) ? sizeof(QuantileSketch) : sizeof(Cell);
  if (aggregate_ == Aggregate::last) state += sizeof(Age);
  const std::size_t cell = state + sizeof(std::optional<double>);
  if (!run_.lease.grow(buckets_ * cell)) return memory_error();
  if (is_percentile(aggregate_)) {
    found.sketches.resize(buckets_);
  } else {
    found.cells.resize(buckets_);
    if (aggregate_ == Aggregate::last) found.ages.resize(buckets_);
  }
  return &found;
}

Result<void> RangeLines::add_sketched(Line& line, std::span<const std::int64_t> times, std::span<const double> values) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto bucket = bucket_of(times[i]);
    if (bucket < 0 || bucket >= static_cast<std::int64_t>(buckets_)) continue;
    auto& sketch = line.sketches[static_cast<std::size_t>(bucket)];
    const std::size_t before = sketch.memory_bytes();
    sketch.add(values[i]);
    const std::size_t after = sketch.memory_bytes();
    if (after > before && !run_.lease.grow(after - before)) return memory_error();
    if (after < before) run_.lease.shrink(before - after);
  }
  return {};
}

void RangeLines::add_last(Line& line, SeriesId series, const SampleRun& samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto bucket = bucket_of(samples.times[i]);
    if (bucket < 0 || bucket >= static_cast<std::int64_t>(buckets_)) continue;
    const auto at = static_cast<std::size_t>(bucket);
    const Age age{samples.times[i], samples.received[i], series, samples.journal, samples.sequence};
    // Of one chunk those that come later are newer.
    if (line.cells[at].count++ > 0 && age < line.ages[at]) continue;
    line.cells[at].value = samples.values[i];
    line.ages[at] = age;
  }
}

Result<void> RangeLines::add(std::size_t index, SeriesId series, const SampleRun& samples) {
  const auto times = samples.times;
  const auto values = samples.values;
  if (times.empty()) return {};
  auto found = line(index);
  if (!found) return std::move(found).error();
  Line& into = **found;
  if (is_percentile(aggregate_)) return add_sketched(into, times, values);
  if (aggregate_ == Aggregate::rate) return add_rate(index, series, times, values);
  if (aggregate_ == Aggregate::last) {
    add_last(into, series, samples);
    return {};
  }
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto bucket = bucket_of(times[i]);
    if (bucket < 0 || bucket >= static_cast<std::int64_t>(buckets_)) continue;
    Cell& cell = into.cells[static_cast<std::size_t>(bucket)];
    const bool first = cell.count++ == 0;
    switch (aggregate_) {
      case Aggregate::min: cell.value = first ? values[i] : std::min(cell.value, values[i]); break;
      case Aggregate::max: cell.value = first ? values[i] : std::max(cell.value, values[i]); break;
      default: cell.value += values[i]; break;
    }
  }
  return {};
}

void RangeLines::close_bucket(Counter& counter) {
  const auto bucket = counter.bucket;
  if (bucket >= 0 && bucket < static_cast<std::int64_t>(buckets_) && counter.previous_time > counter.since) {
    Cell& cell = lines_[counter.line].cells[static_cast<std::size_t>(bucket)];
    cell.value += counter.increase / (static_cast<double>(counter.previous_time - counter.since) / 1e9);
    ++cell.count;
  }
  counter.increase = 0;
}

Result<void> RangeLines::add_rate(std::size_t index, SeriesId series, std::span<const std::int64_t> times,
                                  std::span<const double> values) {
  if (!counters_.contains(series) && !run_.lease.grow(sizeof(Counter) + 32)) return memory_error();
  Counter& counter = counters_[series];
  counter.line = index;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (counter.any && times[i] <= counter.previous_time) continue;  // the same sample, sent twice
    const auto bucket = bucket_of(times[i]);
    if (counter.any) {
      if (bucket != counter.bucket || bucket < 0) {
        close_bucket(counter);
        counter.since = counter.previous_time;
        counter.bucket = bucket;
      }
      counter.increase += values[i] >= counter.previous_value ? values[i] - counter.previous_value : values[i];
    } else {
      counter.since = times[i];
      counter.bucket = bucket;
    }
    counter.any = true;
    counter.previous_time = times[i];
    counter.previous_value = values[i];
  }
  return {};
}

std::vector<std::optional<double>> RangeLines::finish(std::size_t index) {
  if (index >= lines_.size()) return {};
  for (auto& [series, counter] : counters_) close_bucket(counter);
  counters_.clear();
  Line& found = lines_[index];
  std::vector<std::optional<double>> out;
  if (found.cells.empty() && found.sketches.empty()) return out;
  out.resize(buckets_);
  for (std::size_t i = 0; i < buckets_; ++i) {
    if (!found.sketches.empty()) {
      if (found.sketches[i].count() > 0) out[i] = found.sketches[i].quantile(percentile());
      continue;
    }
    const Cell& cell = found.cells[i];
    if (cell.count == 0) continue;
    if (aggregate_ == Aggregate::avg) {
      out[i] = cell.value / static_cast<double>(cell.count);
    } else {
      out[i] = aggregate_ == Aggregate::count ? static_cast<double>(cell.count) : cell.value;
    }
  }
  std::size_t freed = found.cells.size() * sizeof(Cell) + found.ages.size() * sizeof(Age) + found.sketches.size() * sizeof(QuantileSketch);
  for (const auto& sketch : found.sketches) freed += sketch.memory_bytes();
  found = Line{};
  run_.lease.shrink(freed);
  return out;
}

}  // namespace penstock::query
