#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "query/chunk_walk.hpp"
#include "query/engine_state.hpp"
#include "query/histogram_counts.hpp"
#include "query/metric_scan.hpp"
#include "query/metric_units.hpp"
#include "query/range_lines.hpp"

namespace penstock::query {
namespace {

bool in_order(const Series& a, const Series& b) {
  return std::tie(a.name, a.deployment, a.labels) < std::tie(b.name, b.deployment, b.labels);
}

}  // namespace

Result<SeriesList> Engine::series(const Scope& scope, const SeriesQuery& query, const StopFlag& canceled) {
  const auto deployments = resolve_deployments(scope, query.deployments);
  return state_->run<SeriesList>(canceled, [&](QueryRun& run, bool journal_only) -> Result<SeriesList> {
    SeriesList out;
    if (deployments.none()) return out;
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    SeriesSet set(deployments, query.names, query.labels, state_->options.max_series, run);
    if (view->snapshot() != nullptr) {
      if (auto ok = set.load(*view->snapshot()); !ok) return std::move(ok).error();
    }
    MetricScan scan(*view, deployments, set, state_->sealer, run);
    auto ok = scan.live(kBeginning, kEnd, [](auto, auto, auto) -> Result<void> { return {}; });
    if (!ok) return std::move(ok).error();
    out.series = set.take();
    std::sort(out.series.begin(), out.series.end(), in_order);
    out.truncated = out.series.size() > query.limit;
    if (out.truncated) out.series.resize(query.limit);
    return out;
  });
}

Result<MetricList> Engine::metrics(const Scope& scope, const SeriesQuery& query, const StopFlag& canceled) {
  const auto deployments = resolve_deployments(scope, query.deployments);
  return state_->run<MetricList>(canceled, [&](QueryRun& run, bool journal_only) -> Result<MetricList> {
    struct Seen {
      std::set<std::string> labels;
      std::uint64_t series = 0;
    };
    std::map<std::string, Seen> seen;
    Result<void> result;
    const auto count = [&](const Series& series) {
      auto [at, added] = seen.try_emplace(series.name);
      if (added && !run.lease.grow(series.name.size() + 256)) result = memory_error();
      ++at->second.series;
      for (const auto& [label, value] : series.labels.pairs) {
        if (at->second.labels.insert(label).second && !run.lease.grow(label.size() + 96)) result = memory_error();
      }
    };
    if (deployments.none()) return MetricList{};
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    // Live series first: the catalog, which may be long, is then passed through without being held.
    SeriesSet live(deployments, query.names, query.labels, state_->options.max_series, run);
    MetricScan scan(*view, deployments, live, state_->sealer, run);
    if (auto ok = scan.live(kBeginning, kEnd, [](auto, auto, auto) -> Result<void> { return {}; }); !ok) {
      return std::move(ok).error();
    }
    for (std::size_t i = 0; i < live.size(); ++i) count(live[i]);
    const std::vector<std::string> any{""};
    for (const auto& name : query.names.empty() ? any : query.names) {
      if (view->snapshot() == nullptr || !result) break;
      auto visited = view->snapshot()->series({deployments.names, name, query.labels}, [&](const Series& series) {
        if (live.find(series.id) == SeriesSet::kNone) count(series);
        if (auto ok = run.check(); !ok) result = std::move(ok).error();
        return result.has_value();
      });
      if (!visited) return std::move(visited).error();
    }
    if (!result) return std::move(result).error();
    MetricList out;
    for (auto& [name, entry] : seen) {
      out.metrics.push_back({name, unit_of(name), {entry.labels.begin(), entry.labels.end()}, entry.series});
    }
    return out;
  });
}

Result<LatestResult> Engine::latest(const Scope& scope, const LatestQuery& query, const StopFlag& canceled) {
  if (query.names.empty() || query.names.size() > 100) {
    return Error{ErrorCode::invalid_request, "Give between 1 and 100 metric names: ?names=cpu.usage,ram.used.",
                 "names"};
  }
  if (query.n < 1 || query.n > 1'000) return Error{ErrorCode::invalid_request, "n must lie between 1 and 1000.", "n"};
  const auto deployments = resolve_deployments(scope, query.deployments);
  const Timestamp from{state_->clock.now().ns - query.reach_ns};
  return state_->run<LatestResult>(canceled, [&](QueryRun& run, bool journal_only) -> Result<LatestResult> {
    using Point = LatestResult::Point;
    LatestResult out;
    for (const auto& name : query.names) out.metrics.push_back({name, {}});
    if (deployments.none()) return out;
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    SeriesSet set(deployments, query.names, query.labels, state_->options.max_series, run);
    if (view->snapshot() != nullptr) {
      if (auto ok = set.load(*view->snapshot()); !ok) return std::move(ok).error();
    }
    // The newest n of each series: a heap with the oldest on top.
    std::vector<std::vector<Point>> kept;
    const auto newer = [](const Point& a, const Point& b) { return a.time > b.time; };
    const auto keep =
        [&](std::size_t series, std::span<const std::int64_t> times, std::span<const double> values) -> Result<void> {
      if (series >= kept.size()) kept.resize(series + 1);
      auto& heap = kept[series];
      run.stats.records_scanned += times.size();
      for (std::size_t i = times.size(); i-- > 0;) {
        if (heap.size() >= query.n) {
          if (times[i] <= heap.front().time.ns) break;
          std::pop_heap(heap.begin(), heap.end(), newer);
          heap.pop_back();
        } else if (!run.lease.grow(2 * sizeof(Point))) {
          return memory_error();
        }
        heap.push_back({Timestamp{times[i]}, values[i]});
        std::push_heap(heap.begin(), heap.end(), newer);
      }
      return {};
    };
    MetricScan scan(*view, deployments, set, state_->sealer, run);
    if (auto ok = scan.live(from, kEnd, keep); !ok) return std::move(ok).error();
    const auto wants = [&](std::size_t series, Timestamp max) {
      return series >= kept.size() || kept[series].size() < query.n || kept[series].front().time < max;
    };
    // Nothing lies further ahead than records may, so days beyond tomorrow need no look.
    const Timestamp to{state_->clock.now().ns + kDay};
    if (auto ok = scan.chunks(from, to, wants, keep); !ok) return std::move(ok).error();
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i].empty()) continue;
      std::sort(kept[i].begin(), kept[i].end(), [](const Point& a, const Point& b) { return a.time < b.time; });
      for (auto& metric : out.metrics) {
        if (metric.name == set[i].name) metric.lines.push_back({set[i], kept[i]});
      }
    }
    for (auto& metric : out.metrics) {
      std::sort(metric.lines.begin(), metric.lines.end(),
                [](const auto& a, const auto& b) { return in_order(a.series, b.series); });
    }
    return out;
  });
}

}  // namespace penstock::query
