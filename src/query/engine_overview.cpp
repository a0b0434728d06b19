#include "query/chunk_walk.hpp"
#include "query/engine_state.hpp"
#include "query/overview_counts.hpp"

namespace penstock::query {

Result<Overview> Engine::overview(const Scope& scope, const OverviewQuery& query, const StopFlag& canceled) {
  LogQuery logs;
  logs.deployments = query.deployments;
  logs.from = query.from;
  logs.to = query.to;
  auto planned = state_->plan(scope, Right::logs_read, logs);
  if (!planned) return std::move(planned).error();
  const auto grid = state_->histogram_grid(query.from, query.to, query.step_ns, query.zone);
  if (!grid) return grid.error();
  return state_->run<Overview>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<Overview> {
    if (!run.lease.grow(HistogramCounts::bytes(*grid))) return memory_error();
    OverviewCounts counts(*grid, state_->options.distinct_values, run.lease);
    if (auto ok = state_->scan(*planned, journal_only, counts, run); !ok) return std::move(ok).error();
    Overview out;
    out.from = query.from;
    out.to = query.to;
    out.step_ns = grid->step;
    counts.take(out, query.limit);
    return out;
  });
}

}  // namespace penstock::query
