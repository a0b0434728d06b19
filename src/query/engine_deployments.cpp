#include <string>

#include "penstock/core/batch.hpp"
#include "query/engine_state.hpp"

namespace penstock::query {
namespace {

// Of a longer backlog only the newest part is looked through; what is older was, when it was new.
constexpr std::uint64_t kMostLiveBytes = 32u << 20;

}  // namespace

Result<DeploymentList> Engine::deployments(const Scope& scope, const StopFlag& canceled) {
  if (!scope.all) {
    DeploymentList list;
    for (auto& name : resolve_deployments(scope, {}).names) list.deployments.push_back({std::move(name), {}, {}});
    return list;
  }
  return state_->run<DeploymentList>(Asker{scope.caller, 0, canceled}, [&](QueryRun& run, bool journal_only) -> Result<DeploymentList> {
    const auto now = state_->clock.steady_now();
    auto view = state_->view(resolve_deployments(scope, {}), journal_only, run);
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
    list.deployments = state_->deployment_counts.list();
    list.all = true;
    return list;
  });
}

}  // namespace penstock::query
