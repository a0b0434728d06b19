#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "query/chunk_walk.hpp"
#include "query/engine_state.hpp"
#include "query/line_grouping.hpp"
#include "query/metric_scan.hpp"
#include "query/range_lines.hpp"
#include "query/top_lines.hpp"

namespace penstock::query {
namespace {

constexpr std::uint32_t kUsualPoints = 300;
constexpr std::int64_t kRateReach = 5 * kMinute;  // how far before `from` a rate looks for its first sample, at least

struct Steps : StepGrid {
  std::size_t full = 0;  // of them in the answer also when empty
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
  const auto zone = ClockZone::open(query.zone);
  if (!zone) return zone.error();
  Timestamp to = query.to;
  // Of what lies ahead there may be more than can be told.
  if (full_to < to && step_count(query.from, full_to, step) <= kMaxPoints && step_count(query.from, to, step) > kMaxPoints) {
    to = Timestamp{std::max(full_to.ns, query.from.ns + static_cast<std::int64_t>(kMaxPoints - 1) * step)};
  }
  auto grid = make_grid(query.from, to, step, *zone, kMaxPoints);
  if (!grid) return grid.error();
  Steps out{std::move(*grid)};
  if (full_to > query.from) out.full = out.index(full_to.ns - 1) + 1;
  return out;
}

// Reads the samples of a set of series and makes lines of them, a part of the series at a time where not all fit into
// the query's share of memory: each series is in one part, and a line is finished with the last of its series.
class RangeRun {
 public:
  RangeRun(const RangeQuery& query, std::vector<AggregatePlan> plans, const Steps& steps, std::size_t max_series, MetricScan& scan,
           const SeriesSet& set, QueryRun& run)
      : steps_(steps), scan_(scan), set_(set), run_(run), groups_(query.by), lines_(std::move(plans), steps, query.by ? steps.full : 0, max_series, run),
        top_(query.top, query.rank, run) {}

  // All series at once; those that only live samples tell of join on the way.
  Result<void> whole() {
    if (auto ok = gather([](std::size_t) { return true; }); !ok) return ok;
    const auto order = ordered_series();
    return fold(order, 0, order.size());
  }

  // The set must be complete.
  Result<void> in_parts() {
    const auto order = ordered_series();
    std::vector<bool> wanted(order.size());
    for (std::size_t begin = 0; begin < order.size();) {
      const std::size_t end = part_end(order, begin);
      std::fill(wanted.begin(), wanted.end(), false);
      for (std::size_t i = begin; i < end; ++i) wanted[order[i].series] = true;
      if (auto ok = gather([&](std::size_t series) { return series < wanted.size() && wanted[series]; }); !ok) return ok;
      if (auto ok = fold(order, begin, end); !ok) return ok;
      begin = end;
    }
    return {};
  }

  // Whether so many series are sure to fit.
  bool fits(std::size_t series) const { return series * (lines_.series_bytes() + lines_.line_bytes()) <= run_.share_bytes; }
  void finish(RangeResult& into) { top_.finish(into); }

 private:
  struct Place {
    std::size_t line, series;
    SeriesId id;
    auto operator<=>(const Place&) const = default;
  };

  // Line by line, the series of each in one order, whatever they were found in.
  std::vector<Place> ordered_series() {
    std::vector<Place> order;
    for (std::size_t i = 0; i < set_.size(); ++i) order.push_back({groups_.line_of(set_[i], i), i, set_[i].id});
    std::sort(order.begin(), order.end(),
              [](const Place& a, const Place& b) { return std::tie(a.line, a.id) < std::tie(b.line, b.id); });
    return order;
  }

  std::size_t part_end(const std::vector<Place>& order, std::size_t begin) const {
    std::size_t held = 0, end = begin;
    while (end < order.size()) {
      held += lines_.series_bytes();
      if (end == begin || order[end].line != order[end - 1].line) held += lines_.line_bytes();
      if (held > run_.share_bytes && end > begin) break;
      ++end;
    }
    return end;
  }

  Result<void> fold(const std::vector<Place>& order, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (auto ok = lines_.fold(order[i].line, order[i].series); !ok) return ok;
      if (i + 1 < order.size() && order[i + 1].line == order[i].line) continue;
      auto values = lines_.take(order[i].line);
      if (values.empty()) continue;
      if (!run_.lease.grow(lines_.values_bytes())) return memory_error();
      auto& line = groups_.line(order[i].line);
      line.by_aggregate = std::move(values);
      top_.add(std::move(line), lines_.values_bytes());
    }
    return {};
  }

  Result<void> gather(const std::function<bool(std::size_t)>& wanted) {
    const auto add = [&](std::size_t series, const SampleRun& samples) -> Result<void> {
      if (!wanted(series)) return {};
      return lines_.add(groups_.line_of(set_[series], series), series, set_[series].id, samples);
    };
    const auto wants = [&](std::size_t series, Timestamp) { return wanted(series); };
    Timestamp from{steps_.first}, to{steps_.end()};
    if (!lines_.ordered()) {
      if (auto ok = scan_.live(from, to, add); !ok) return ok;
      return scan_.chunks(from, to, wants, add);
    }
    // The neighbours of the first and the last sample lie outside.
    const std::int64_t reach = std::max(std::clamp(to.ns / 2 - from.ns / 2, kRateReach, kHour), steps_.step);
    if (__builtin_sub_overflow(from.ns, reach, &from.ns)) from = kBeginning;
    if (__builtin_add_overflow(to.ns, reach, &to.ns)) to = kEnd;
    MetricScan::LiveSamples live;
    std::size_t held = 0;
    auto ok = scan_.live(from, to, [&](std::size_t series, const SampleRun& one) -> Result<void> {
      if (!wanted(series)) return {};
      if (!run_.lease.grow(2 * sizeof(MetricScan::Sample))) return memory_error();
      held += 2 * sizeof(MetricScan::Sample);
      if (series >= live.size()) live.resize(series + 1);
      live[series].push_back({one.times[0], one.received[0], one.values[0]});
      return {};
    });
    if (!ok) return ok;
    ok = scan_.ordered(from, to, std::move(live), wants, add);
    run_.lease.shrink(held);
    return ok;
  }

  const Steps& steps_;
  MetricScan& scan_;
  const SeriesSet& set_;
  QueryRun& run_;
  LineGrouping groups_;
  RangeLines lines_;
  TopLines top_;
};

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
  range.to = Timestamp{steps.start(count)};
  for (auto& line : range.series) {
    for (auto& values : line.by_aggregate) values.resize(count);
  }
  if (!range.rest) return;
  range.rest->min.resize(count);
  range.rest->max.resize(count);
}

}  // namespace

std::size_t RangeResult::points() const { return to > from ? grid.index(to.ns - 1) + 1 : 0; }

Result<RangeResult> Engine::range(const Scope& scope, const RangeQuery& query, const StopFlag& canceled) {
  if (query.name.empty()) return Error{ErrorCode::invalid_request, "Name the metric: ?name=cpu.usage.", "name"};
  if (query.aggregates.empty()) return Error{ErrorCode::invalid_request, "Give at least one of " + aggregate_names() + ".", "agg"};
  std::vector<AggregatePlan> plans;
  for (const Aggregate aggregate : query.aggregates) {
    auto plan = AggregatePlan::of(aggregate, query.within);
    if (!plan) return std::move(plan).error();
    plans.push_back(*plan);
  }
  const auto steps = steps_of(query);
  if (!steps) return steps.error();
  const auto deployments = resolve_metrics(scope, query.deployments);
  return state_->run<RangeResult>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<RangeResult> {
    RangeResult out;
    out.name = query.name;
    out.aggregates = query.aggregates;
    out.from = Timestamp{steps->first};
    out.to = Timestamp{steps->end()};
    out.step_ns = steps->step;
    out.grid = *steps;
    if (!run.lease.grow(steps->bytes())) return memory_error();
    if (deployments.none()) {
      leave_out_empty_end(out, *steps);
      return out;
    }
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    SeriesSet set(deployments, {query.name}, query.labels, run);
    if (view->snapshot() != nullptr) {
      if (auto ok = set.load(*view->snapshot(), out.from, Timestamp{out.to.ns - 1}); !ok) return std::move(ok).error();
    }
    MetricScan scan(*view, deployments, set, state_->sealer, run);
    RangeRun work(query, plans, *steps, state_->options.max_series, scan, set, run);
    // Twice as many as are known leaves room for those that only live samples tell of.
    if (work.fits(2 * set.size())) {
      if (auto ok = work.whole(); !ok) return std::move(ok).error();
    } else {
      if (auto ok = scan.live(Timestamp{steps->first}, Timestamp{steps->end()}, [](auto, const auto&) -> Result<void> { return {}; }); !ok) {
        return std::move(ok).error();
      }
      if (auto ok = work.in_parts(); !ok) return std::move(ok).error();
    }
    work.finish(out);
    leave_out_empty_end(out, *steps);
    return out;
  });
}

}  // namespace penstock::query
