#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "query/chunk_walk.hpp"
#include "query/engine_state.hpp"
#include "query/histogram_counts.hpp"
#include "query/metric_scan.hpp"
#include "query/range_lines.hpp"
#include "query/top_lines.hpp"

namespace penstock::query {
namespace {

constexpr std::uint32_t kUsualPoints = 300;
constexpr std::int64_t kRateReach = 5 * kMinute;  // how far before `from` a rate looks for its first sample, at least

struct Steps {
  std::int64_t first = 0, step = 0;
  std::size_t count = 0;
  std::size_t full = 0;  // of them in the answer also when empty
  Timestamp end() const { return Timestamp{first + static_cast<std::int64_t>(count) * step}; }
};

Result<Steps> steps_of(const RangeQuery& query) {
  std::int64_t span = 0;
  if (query.from >= query.to) return Error{ErrorCode::invalid_request, "from must lie before to.", "from"};
  if (__builtin_sub_overflow(query.to.ns, query.from.ns, &span)) {
    return Error{ErrorCode::invalid_request, "The time range is too long.", "from"};
  }
  if (query.step_ns < 0) return Error{ErrorCode::invalid_request, "step must be longer than 0.", "step"};
  const Timestamp full_to = std::min(query.full_to.value_or(query.to), query.to);
  // What lies ahead is mostly empty, so it makes steps longer only where it is many times the rest.
  if (full_to < query.to) span = std::max(full_to > query.from ? full_to.ns - query.from.ns : 0, span / 4);
  const std::int64_t step = query.step_ns > 0 ? query.step_ns : round_step(span, kUsualPoints);
  const auto full = HistogramCounts::bucket_count(query.from, full_to, step);
  auto count = HistogramCounts::bucket_count(query.from, query.to, step);
  if (full_to < query.to && full <= kMaxPoints) count = std::min<std::uint64_t>(count, kMaxPoints);
  if (count > kMaxPoints) {
    const auto most = std::to_string(kMaxPoints);
    return Error{ErrorCode::invalid_request,
                 "step gives more than " + most + " points a series: make it longer, or the range shorter.", "step"};
  }
  Steps out{step_start(query.from.ns, step), step, static_cast<std::size_t>(count), static_cast<std::size_t>(full)};
  std::int64_t end = 0;
  if (__builtin_add_overflow(out.first, static_cast<std::int64_t>(count) * step, &end)) {
    return Error{ErrorCode::invalid_request, "The time range ends too late.", "to"};
  }
  return out;
}

// Which line of the answer a series belongs to.
class Grouping {
 public:
  explicit Grouping(const RangeQuery& query) : by_(query.by) {
    if (by_) std::sort(by_->begin(), by_->end());
  }

  std::size_t line_of(const Series& series, std::size_t index) {
    if (index < lines_.size() && lines_[index] != kUnknown) return lines_[index];
    RangeResult::Line line;
    if (!by_) {
      line.deployment = series.deployment;
      line.labels = series.labels;
    } else {
      std::vector<std::pair<std::string, std::string>> pairs;
      for (const auto& label : *by_) {
        if (label == "deployment") {
          line.deployment = series.deployment;
        } else if (const auto value = series.labels.get(label); !value.empty()) {
          pairs.emplace_back(label, std::string(value));
        }
      }
      line.labels = Labels::from(std::move(pairs));
    }
    const auto [at, added] = known_.try_emplace({line.deployment.value_or(""), line.labels}, made_.size());
    if (added) made_.push_back(std::move(line));
    if (index >= lines_.size()) lines_.resize(index + 1, kUnknown);
    return lines_[index] = at->second;
  }

  std::vector<RangeResult::Line>& lines() { return made_; }

 private:
  static constexpr std::size_t kUnknown = SIZE_MAX;
  std::optional<std::vector<std::string>> by_;
  std::map<std::pair<std::string, Labels>, std::size_t> known_;
  std::vector<RangeResult::Line> made_;
  std::vector<std::size_t> lines_;  // by series
};

// One RangeLines an aggregate, over one look at the samples.
Result<void> gather(MetricScan& scan, const SeriesSet& set, Grouping& groups, std::vector<RangeLines>& lines, const Steps& steps,
                    QueryRun& run) {
  const auto add = [&](std::size_t series, const SampleRun& samples) -> Result<void> {
    const std::size_t line = groups.line_of(set[series], series);
    run.stats.records_scanned += samples.size();
    for (auto& one : lines) {
      if (auto ok = one.add(line, set[series].id, samples); !ok) return ok;
    }
    return {};
  };
  if (std::none_of(lines.begin(), lines.end(), [](const RangeLines& one) { return one.ordered(); })) {
    if (auto ok = scan.live(Timestamp{steps.first}, steps.end(), add); !ok) return ok;
    return scan.chunks(Timestamp{steps.first}, steps.end(), [](std::size_t, Timestamp) { return true; }, add);
  }
  std::int64_t from = 0;
  if (__builtin_sub_overflow(steps.first, std::max(kRateReach, steps.step), &from)) from = steps.first;
  MetricScan::LiveSamples live;
  auto ok = scan.live(Timestamp{from}, steps.end(), [&](std::size_t series, const SampleRun& one) -> Result<void> {
    if (!run.lease.grow(2 * sizeof(MetricScan::Sample))) return memory_error();
    if (series >= live.size()) live.resize(series + 1);
    live[series].push_back({one.times[0], one.received[0], one.values[0]});
    return {};
  });
  if (!ok) return ok;
  return scan.ordered(Timestamp{from}, steps.end(), std::move(live), add);
}

void leave_out_empty_end(RangeResult& range, const Steps& steps) {
  std::size_t count = steps.full;
  const auto look = [&](const RangeResult::Values& values) {
    for (std::size_t i = count; i < values.size(); ++i) {
      if (values[i]) count = i + 1;
    }
  };
  for (const auto& line : range.series) {
    for (const auto& values : line.by_aggregate) look(values);
  }
  if (range.rest) look(range.rest->max);
  range.to = Timestamp{steps.first + static_cast<std::int64_t>(count) * steps.step};
  for (auto& line : range.series) {
    for (auto& values : line.by_aggregate) values.resize(count);
  }
  if (!range.rest) return;
  range.rest->min.resize(count);
  range.rest->max.resize(count);
}

}  // namespace

std::size_t RangeResult::points() const {
  return step_ns > 0 ? static_cast<std::size_t>((to.ns - from.ns) / step_ns) : 0;
}

Result<RangeResult> Engine::range(const Scope& scope, const RangeQuery& query, const StopFlag& canceled) {
  if (query.name.empty()) return Error{ErrorCode::invalid_request, "Name the metric: ?name=cpu.usage.", "name"};
  if (query.aggregates.empty()) return Error{ErrorCode::invalid_request, "Give at least one of " + aggregate_names() + ".", "agg"};
  const auto steps = steps_of(query);
  if (!steps) return steps.error();
  const auto deployments = resolve_deployments(scope, query.deployments);
  return state_->run<RangeResult>(canceled, [&](QueryRun& run, bool journal_only) -> Result<RangeResult> {
    RangeResult out;
    out.name = query.name;
    out.aggregates = query.aggregates;
    out.from = Timestamp{steps->first};
    out.to = steps->end();
    out.step_ns = steps->step;
    if (deployments.none()) {
      leave_out_empty_end(out, *steps);
      return out;
    }
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    SeriesSet set(deployments, {query.name}, query.labels, state_->options.max_series, run);
    if (view->snapshot() != nullptr) {
      if (auto ok = set.load(*view->snapshot()); !ok) return std::move(ok).error();
    }
    MetricScan scan(*view, deployments, set, state_->sealer, run);
    Grouping groups(query);
    std::vector<RangeLines> lines;
    for (const Aggregate aggregate : query.aggregates) {
      lines.emplace_back(aggregate, steps->first, steps->step, steps->count, run);
    }
    if (auto ok = gather(scan, set, groups, lines, *steps, run); !ok) return std::move(ok).error();
    TopLines top(query.top, query.rank, run);
    for (std::size_t i = 0; i < groups.lines().size(); ++i) {
      auto& line = groups.lines()[i];
      bool any = false;
      for (auto& one : lines) {
        auto values = one.finish(i);
        any = any || std::any_of(values.begin(), values.end(), [](const auto& value) { return value.has_value(); });
        values.resize(steps->count);
        line.by_aggregate.push_back(std::move(values));
      }
      if (any) top.add(std::move(line), lines.size() * steps->count * sizeof(std::optional<double>));
    }
    top.finish(out);
    leave_out_empty_end(out, *steps);
    return out;
  });
}

}  // namespace penstock::query
