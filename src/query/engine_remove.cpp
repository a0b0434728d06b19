#include <string>
#include <utility>

#include "query/deletion_filter.hpp"
#include "query/engine_state.hpp"
#include "query/match_counts.hpp"

namespace penstock::query {

namespace {

// What was asked for is not told: words that were logged would stand there in the clear, and for ever.
AuditEntry entry_of(const Deletion& deletion, bool filtered, AuditEntry by) {
  if (by.actor.empty()) return {};
  by.at = deletion.created_at;
  by.action = "logs.delete";
  by.object = "deployment:" + deletion.deployment;
  by.detail = "{\"records\":" + std::to_string(deletion.records) + ",\"from\":\"" + format_rfc3339(deletion.from) + "\",\"to\":\"" + format_rfc3339(deletion.to) +
              "\",\"filtered\":" + (filtered ? "true" : "false") + "}";
  return by;
}

}  // namespace

Result<Removed> Engine::remove(const Scope& scope, const LogQuery& query, const StopFlag& canceled, const AuditEntry& by) {
  struct Outcome {
    Removed removed;
    Stats stats;
  };
  auto planned = state_->plan(scope, Right::logs_delete, query);
  if (!planned) return std::move(planned).error();
  auto removed = state_->run<Outcome>(asker_of(scope, query.timeout_ns, canceled), [&](QueryRun& run, bool journal_only) -> Result<Outcome> {
    const Error away{ErrorCode::unavailable, "Deleting needs the store, which is away: try again later.", ""};
    if (planned->deployments.none()) return Outcome{};
    if (journal_only) return away;
    Deletion deletion{.id = 0,
                      .deployment = {},
                      .from = query.from,
                      .to = query.to,
                      .filter_json = {},
                      .journal = state_->journal.id(),
                      .before = 0,
                      .created_at = Timestamp{state_->clock.now().ns + 1},
                      .records = 0};
    MatchCounts counts(deletion, planned->matcher.matches_everything());
    {
      auto view = state_->view(planned->deployments, false, run);
      if (!view) return std::move(view).error();
      if (view->snapshot() == nullptr) return away;
      deletion.before = view->live_to();
      if (auto ok = scan_logs(*view, planned->range(), planned->matcher, state_->sealer, counts, run); !ok) {
        return std::move(ok).error();
      }
    }
    Outcome out;
    for (const auto& [deployment, count] : counts.by_deployment()) {
      LogQuery of_this = query;
      if (planned->deployments.narrowed) of_this.source_patterns = planned->deployments.reach.in(deployment).patterns();
      deletion.deployment = deployment;
      deletion.filter_json = deletion_filter_json(of_this);
      deletion.records = count;
      auto added = state_->store.add_deletion(deletion, entry_of(deletion, !planned->matcher.matches_everything() || !of_this.source_patterns.empty(), by));
      if (!added) return std::move(added).error();
      if (auto known = state_->deletions.add(*added, run.lease); !known) return std::move(known).error();
      out.removed.count += count;
      out.removed.parts.push_back({added->id, deployment, count});
    }
    state_->deletions.save();
    return out;
  });
  if (!removed) return std::move(removed).error();
  return std::move(removed->removed);
}

}  // namespace penstock::query
