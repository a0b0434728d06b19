#include <algorithm>
#include <set>
#include <string>

#include "penstock/core/batch.hpp"
#include "query/engine_state.hpp"

namespace penstock::query {
namespace {

// Of a longer backlog only the newest part is looked through; what is older was, when it was new.
constexpr std::uint64_t kMostLiveBytes = 32u << 20;
// How far back it is looked for what somebody may read who reads some sources wherever they are.
constexpr std::int64_t kLookedAt = kDay;

// Where they can read something, besides those that their grants name: other names are not theirs to know.
Result<DeploymentList> readable(Engine& engine, const Scope& scope, const Reach& seen, Timestamp now, std::uint32_t most, const StopFlag& canceled) {
  DeploymentList list;
  std::set<std::string> names;
  for (auto& name : seen.deployments()) names.insert(std::move(name));
  LogQuery logs;
  logs.from = {now.ns - kLookedAt};
  logs.to = kEnd;
  auto found = engine.facets(scope, logs, "deployment", most, canceled);
  if (!found) return std::move(found).error();
  for (auto& one : found->values) names.insert(std::move(one.value));
  SeriesQuery metrics;
  metrics.from = logs.from;
  auto series = engine.series(scope, metrics, canceled);
  if (!series) return std::move(series).error();
  for (const Series& one : series->series) names.insert(one.deployment);
  for (const auto& name : names) list.deployments.push_back({.name = name});
  list.stats = found->stats;
  list.stats += series->stats;
  return list;
}

}  // namespace

// Who may read in some deployments only is shown these by name, be there something in them or not.
Result<DeploymentList> Engine::deployments(const Scope& scope, const StopFlag& canceled) {
  const Reach seen = scope.grants->reach_of_any(kReading), whole = scope.grants->reach(Right::deployment_read);
  const auto shown = [&](DeploymentList::Deployment deployment) {
    deployment.whole = whole.in(deployment.name).is_all();
    if (!deployment.whole) deployment.logs = deployment.metrics = std::nullopt;
    return deployment;
  };
  if (seen.everywhere() && !seen.elsewhere().is_all()) {
    auto list = readable(*this, scope, seen, state_->clock.now(), state_->options.distinct_values, canceled);
    if (list) {
      for (auto& one : list->deployments) one.whole = whole.in(one.name).is_all();
    }
    return list;
  }
  if (!seen.everywhere()) {
    DeploymentList list;
    for (auto& name : seen.deployments()) list.deployments.push_back(shown({.name = std::move(name)}));
    if (whole.nowhere()) return list;
    return state_->run<DeploymentList>(asker_of(scope, 0, canceled), [&](QueryRun& run, bool journal_only) -> Result<DeploymentList> {
      auto view = state_->view({false, {}, {}, false}, journal_only, run);
      if (!view) return std::move(view).error();
      if (view->snapshot() == nullptr) return list;
      if (auto ok = state_->deployment_counts.count(*view->snapshot(), state_->clock.steady_now()); !ok) return std::move(ok).error();
      for (DeploymentList::Deployment& one : list.deployments) {
        if (auto counted = state_->deployment_counts.of(one.name)) one = shown(std::move(*counted));
      }
      return list;
    });
  }
  return state_->run<DeploymentList>(asker_of(scope, 0, canceled), [&](QueryRun& run, bool journal_only) -> Result<DeploymentList> {
    const auto now = state_->clock.steady_now();
    auto view = state_->view({true, {}, {}, false}, journal_only, run);
    if (!view) return std::move(view).error();
    if (view->snapshot() != nullptr) {
      if (auto ok = state_->deployment_counts.count(*view->snapshot(), now); !ok) return std::move(ok).error();
    }
    const auto bytes_before = run.stats.bytes_read;
    BatchReader batch;
    RecordView record;
    std::string last;
    const auto note = [&](std::string_view deployment) {
      if (deployment == last) return;
      last.assign(deployment);
      state_->deployment_counts.seen(last, now);
    };
    ReadView::LiveRange range{kBeginning, kEnd};
    range.newest_first = true;
    range.wants = [&](Timestamp, Timestamp) { return run.stats.bytes_read - bytes_before < kMostLiveBytes; };
    auto looked = view->live_frames(range, run, [&](const Frame& frame) -> Result<void> {
      for (const Frame::Batch& one : frame.batches) {
        for (batch.open(one.bytes); batch.next(record);) note(record.kind == RecordKind::log ? record.log.deployment : record.point.deployment);
      }
      return {};
    });
    if (!looked) return std::move(looked).error();
    DeploymentList list;
    for (auto& one : state_->deployment_counts.list()) list.deployments.push_back(shown(std::move(one)));
    list.all = true;
    return list;
  });
}

}  // namespace penstock::query
