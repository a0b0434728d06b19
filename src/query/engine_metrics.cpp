#include <algorithm>
#include <compare>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "query/chunk_walk.hpp"
#include "query/engine_state.hpp"
#include "query/step_grid.hpp"
#include "query/metric_scan.hpp"
#include "query/metric_units.hpp"
#include "query/range_lines.hpp"

namespace penstock::query {
namespace {

bool in_order(const Series& a, const Series& b) {
  return std::tie(a.name, a.deployment, a.labels) < std::tie(b.name, b.deployment, b.labels);
}

// The days of the range: what the catalog tells of series is no finer, and fresh and stored answers are to agree.
struct Days {
  explicit Days(const SeriesQuery& query) : from(query.from.value_or(kBeginning)), to(query.to.value_or(kEnd)) {
    if (query.from) from.ns = step_start(from.ns, kDay);
    if (query.to && __builtin_add_overflow(step_start(to.ns, kDay), kDay, &to.ns)) to = kEnd;
  }
  Timestamp from, to;
};

// The first of many series in the order of answers. Holds no more than it gives.
class FirstSeries {
 public:
  FirstSeries(std::size_t most, QueryRun& run) : most_(most), run_(run) {}

  void add(const Series& series) {
    if (kept_.size() >= most_ && !in_order(series, *std::prev(kept_.end()))) {
      truncated_ = truncated_ || series.id != std::prev(kept_.end())->id;
      return;
    }
    const std::size_t size = size_of(series);
    // Where memory ends, the list ends too, and says so.
    while (!run_.lease.grow(size)) {
      truncated_ = true;
      if (kept_.empty() || !in_order(series, *std::prev(kept_.end()))) return;
      drop_last();
    }
    if (!kept_.insert(series).second) run_.lease.shrink(size);
    if (kept_.size() > most_) {
      truncated_ = true;
      drop_last();
    }
  }
  void take(SeriesList& into) {
    into.truncated = truncated_;
    into.series.assign(kept_.begin(), kept_.end());
  }

 private:
  struct Order {
    bool operator()(const Series& a, const Series& b) const { return in_order(a, b); }
  };
  // Twice: in the set, and then in the answer.
  static std::size_t size_of(const Series& series) { return 2 * memory_bytes(series) + 64; }
  void drop_last() {
    const auto last = std::prev(kept_.end());
    run_.lease.shrink(size_of(*last));
    kept_.erase(last);
  }

  const std::size_t most_;
  QueryRun& run_;
  std::set<Series, Order> kept_;
  bool truncated_ = false;
};

// The newest n samples of one series. Of equal times the one that arrived later is newer. The time of arrival comes before
// the sequence, because a merged chunk keeps the former of every sample, of the latter only the range.
class NewestSamples {
 public:
  Result<void> add(const SampleRun& samples, std::uint32_t n, QueryRun& run) {
    const std::uint64_t first = run.stats.records_scanned;
    run.stats.records_scanned += samples.size();
    for (std::size_t i = samples.size(); i-- > 0;) {
      const Sample sample{{samples.times[i], samples.received[i], samples.journal, samples.sequence, first + i},
                          samples.values[i]};
      if (kept_.size() >= n) {
        if (sample.age.time < kept_.front().age.time) break;
        if (!newer(sample, kept_.front())) continue;
        std::pop_heap(kept_.begin(), kept_.end(), newer);
        kept_.pop_back();
      } else if (!run.lease.grow(2 * sizeof(Sample))) {
        return memory_error();
      }
      kept_.push_back(sample);
      std::push_heap(kept_.begin(), kept_.end(), newer);
    }
    return {};
  }

  bool empty() const { return kept_.empty(); }
  // Whether samples up to that time can be among them.
  bool wants(Timestamp max, std::uint32_t n) const { return kept_.size() < n || kept_.front().age.time <= max.ns; }

  // Oldest first.
  std::vector<LatestResult::Point> take() {
    std::sort(kept_.begin(), kept_.end(), [](const Sample& a, const Sample& b) { return newer(b, a); });
    std::vector<LatestResult::Point> points;
    for (const Sample& sample : kept_) points.push_back({Timestamp{sample.age.time}, sample.value});
    return points;
  }

 private:
  struct Age {
    std::int64_t time, received;
    JournalId journal;
    Sequence sequence;
    std::uint64_t place;  // within a chunk
    auto operator<=>(const Age&) const = default;
  };
  struct Sample {
    Age age;
    double value;
  };
  static bool newer(const Sample& a, const Sample& b) { return a.age > b.age; }

  std::vector<Sample> kept_;  // a heap with the oldest on top
};

// The catalog's series, which may be many: none is held.
Result<void> each_stored(const ReadView& view, const MetricDeployments& deployments, const SeriesQuery& query, const Days& days, QueryRun& run,
                         const std::function<void(const Series&)>& visit) {
  const std::vector<std::string> any{""};
  for (const auto& name : query.names.empty() ? any : query.names) {
    if (view.snapshot() == nullptr) return {};
    Result<void> going_on;
    // `to` is the start of the day after.
    const Timestamp to{days.to == kEnd ? days.to.ns : days.to.ns - 1};
    auto visited = view.snapshot()->series({deployments.names, name, query.labels, days.from, to}, [&](const Series& series) {
      if (deployments.covers_series(series.deployment, series.labels.get("source"), series.name)) visit(series);
      going_on = run.check();
      return going_on.has_value();
    });
    if (!going_on) return going_on;
    if (!visited) return visited;
  }
  return {};
}

}  // namespace

Result<SeriesList> Engine::series(const Scope& scope, const SeriesQuery& query, const StopFlag& canceled) {
  const auto deployments = resolve_metrics(scope, query.deployments);
  return state_->run<SeriesList>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<SeriesList> {
    SeriesList out;
    if (deployments.none()) return out;
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    const Days days(query);
    FirstSeries first(std::min<std::size_t>(query.limit, state_->options.max_series), run);
    if (auto ok = each_stored(*view, deployments, query, days, run, [&](const Series& series) { first.add(series); }); !ok) {
      return std::move(ok).error();
    }
    SeriesSet live(deployments, query.names, query.labels, run);
    MetricScan scan(*view, deployments, live, state_->sealer, run);
    auto ok = scan.live(days.from, days.to, [](auto, const auto&) -> Result<void> { return {}; });
    if (!ok) return std::move(ok).error();
    for (std::size_t i = 0; i < live.size(); ++i) first.add(live[i]);
    first.take(out);
    return out;
  });
}

Result<MetricList> Engine::metrics(const Scope& scope, const SeriesQuery& query, const StopFlag& canceled) {
  const auto deployments = resolve_metrics(scope, query.deployments);
  return state_->run<MetricList>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<MetricList> {
    struct Seen {
      std::set<std::string> labels;
      std::uint64_t series = 0;
      const MetricDeclaration* declaration = nullptr;
      bool differ = false;  // deployments declare different units
    };
    std::map<std::string, Seen> seen;
    Result<void> result;
    const auto count = [&](const Series& series) {
      auto [at, added] = seen.try_emplace(series.name);
      if (added && !run.lease.grow(series.name.size() + 256)) result = memory_error();
      ++at->second.series;
      if (const MetricDeclaration* const found = deployments.declaration(series.deployment, series.name)) {
        const MetricDeclaration*& known = at->second.declaration;
        if (known != nullptr && known->unit != found->unit) at->second.differ = true;
        if (known == nullptr || (known->description.empty() && !found->description.empty())) {
          known = found;
          if (!run.lease.grow(found->description.size() + found->unit.size())) result = memory_error();
        }
      }
      for (const auto& [label, value] : series.labels.pairs) {
        if (at->second.labels.insert(label).second && !run.lease.grow(label.size() + 96)) result = memory_error();
      }
    };
    if (deployments.none()) return MetricList{};
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    // Live series first: the catalog, which may be long, is then passed through without being held.
    SeriesSet live(deployments, query.names, query.labels, run);
    MetricScan scan(*view, deployments, live, state_->sealer, run);
    const Days days(query);
    if (auto ok = scan.live(days.from, days.to, [](auto, const auto&) -> Result<void> { return {}; }); !ok) {
      return std::move(ok).error();
    }
    for (std::size_t i = 0; i < live.size(); ++i) count(live[i]);
    auto ok = each_stored(*view, deployments, query, days, run, [&](const Series& series) {
      if (live.find(series.id) == SeriesSet::kNone) count(series);
    });
    if (!ok) return std::move(ok).error();
    if (!result) return std::move(result).error();
    MetricList out;
    for (auto& [name, entry] : seen) {
      MetricInfo info{.name = name, .unit = unit_of(name), .labels = {entry.labels.begin(), entry.labels.end()}, .series = entry.series};
      if (entry.declaration != nullptr) {
        info.custom = true;
        info.description = entry.declaration->description;
        if (entry.differ) info.unit.clear();
        else if (!entry.declaration->unit.empty()) info.unit = entry.declaration->unit;
      }
      out.metrics.push_back(std::move(info));
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
  const auto deployments = resolve_metrics(scope, query.deployments);
  const Timestamp from = query.from.value_or(Timestamp{state_->clock.now().ns - kDay});
  // Nothing lies further ahead than records may, so days beyond tomorrow need no look.
  const Timestamp to{state_->clock.now().ns + kDay};
  return state_->run<LatestResult>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<LatestResult> {
    LatestResult out;
    out.from = from;
    for (const auto& name : query.names) out.metrics.push_back({name, {}});
    if (deployments.none()) return out;
    auto view = state_->view(deployments, journal_only, run);
    if (!view) return std::move(view).error();
    SeriesSet set(deployments, query.names, query.labels, run);
    if (view->snapshot() != nullptr) {
      if (auto ok = set.load(*view->snapshot(), from, to); !ok) return std::move(ok).error();
    }
    std::vector<NewestSamples> kept;  // by series
    std::size_t seen = 0;
    const auto keep = [&](std::size_t series, const SampleRun& samples) -> Result<void> {
      if (series >= kept.size()) kept.resize(series + 1);
      if (kept[series].empty() && ++seen > state_->options.max_series) return too_many_series(state_->options.max_series);
      return kept[series].add(samples, query.n, run);
    };
    MetricScan scan(*view, deployments, set, state_->sealer, run);
    if (auto ok = scan.live(from, kEnd, keep); !ok) return std::move(ok).error();
    const auto wants = [&](std::size_t series, Timestamp max) {
      return series >= kept.size() || kept[series].wants(max, query.n);
    };
    if (auto ok = scan.chunks(from, to, wants, keep); !ok) return std::move(ok).error();
    for (std::size_t i = 0; i < kept.size(); ++i) {
      const auto points = kept[i].take();
      if (points.empty()) continue;
      for (auto& metric : out.metrics) {
        if (metric.name == set[i].name) metric.lines.push_back({set[i], points});
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
