#include <string>

#include "penstock/core/batch.hpp"
#include "query/engine_state.hpp"

namespace penstock::query {
namespace {

// Of a longer backlog only the newest part is looked through; what is older was, when it was new.
constexpr std::uint64_t kMostLiveBytes = 32u << 20;

}  // namespace

// Who may read in some deployments only is shown these by name, be there something in them or not.
Result<DeploymentList> Engine::deployments(const Scope& scope, const StopFlag& canceled) {
  const Reach seen = scope.grants->reach_of_any(kReading), whole = scope.grants->reach(Right::deployment_read);
  const auto shown = [&](DeploymentList::Deployment deployment) {
    deployment.whole = whole.in(deployment.name).is_all();
    if (!deployment.whole) deployment.logs = deployment.metrics = std::nullopt;
    return deployment;
  };
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
