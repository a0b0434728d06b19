// What the engine's parts share: its ports, the budget, the places for concurrent queries, and how one query is run.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "query/deployment_counts.hpp"
#include "query/engine.hpp"
#include "query/known_deletions.hpp"
#include "query/log_scan.hpp"
#include "query/query_gate.hpp"
#include "query/query_memory.hpp"
#include "query/query_run.hpp"
#include "query/read_view.hpp"

namespace penstock::query {

// How many further views are taken when the journal moves on under one.
inline constexpr int kViews = 4;

// Of all time.
inline constexpr Timestamp kBeginning{std::numeric_limits<std::int64_t>::min()};
inline constexpr Timestamp kEnd{std::numeric_limits<std::int64_t>::max()};

struct Engine::State {
  State(Options given, Clock& time, Journal& frames, ChunkStore& chunks, Sealer& keys, MetricsRegistry& metrics);

  Result<ReadView> view(const Deployments& deployments, bool journal_only, QueryRun& run) {
    return ReadView::open(journal, store, deletions, deployments, journal_only, run);
  }
  // Runs `work` within the limits: anew when it gave way to others, or when the journal moved on under it; when the
  // store goes away in its middle once more, over the journal alone. Answer has `stats`.
  template <class Answer>
  Result<Answer> run(const Asker& asker, const std::function<Result<Answer>(QueryRun&, bool journal_only)>& work);

  // Parts of log queries (engine_logs.cpp).
  struct Planned {
    Deployments deployments;
    Matcher matcher;
    Timestamp from, to;
    std::optional<Severity> min_severity;
    bool ascending = false;
    std::optional<SequenceRange> arrived = {};
    std::shared_ptr<ByteBudget::Lease> lease = {};  // for the matcher's expressions; none: it has none

    LogRange range() const;
  };
  Result<Planned> plan(const Scope& scope, Right right, const LogQuery& query) const;
  Result<void> scan(const Planned& planned, bool journal_only, LogConsumer& consumer, QueryRun& run);
  // Steps as long as asked for (0: a round length), when the range has not too many of them.
  Result<StepGrid> histogram_grid(Timestamp from, Timestamp to, std::int64_t asked, const ZoneName& zone_name) const;
  // A page of at most `limit` rows; of its share of memory they take one part in `parts`.
  Result<LogPage> page(const Planned& planned, const LogQuery& query, std::size_t limit, std::size_t parts,
                       const Asker& asker);

  const Options options;
  Clock& clock;
  Journal& journal;
  ChunkStore& store;
  Sealer& sealer;
  const std::shared_ptr<QueryMemory> memory;
  KnownDeletions deletions;
  DeploymentCounts deployment_counts;
  chunk::DamagedChunks damaged;

  const std::shared_ptr<QueryGate> gate;
  Counter& queries;
  Counter& failures;
  Counter& overloads;
  Counter& partials;
  Counter& timeouts;
  Counter& gave_way;
  Histogram& seconds;
};

template <class Answer>
Result<Answer> Engine::State::run(const Asker& asker, const std::function<Result<Answer>(QueryRun&, bool)>& work) {
  const auto now = [this] { return std::chrono::nanoseconds(clock.steady_now().time_since_epoch()); };
  const bool sooner = asker.timeout_ns > 0 && asker.timeout_ns < options.timeout_ns;
  const std::chrono::nanoseconds deadline = now() + std::chrono::nanoseconds(sooner ? asker.timeout_ns : options.timeout_ns);
  std::optional<QueryGate::Place> place;
  const auto enter = [&](bool is_long) -> Result<void> {
    place.reset();
    auto entered = gate->enter(asker.caller, is_long, asker.canceled, deadline - now());
    if (!entered && entered.error().code == ErrorCode::overloaded) overloads.add();
    if (!entered) return std::move(entered).error();
    place.emplace(std::move(*entered));
    return {};
  };
  if (auto ok = enter(asker.bulk); !ok) return std::move(ok).error();
  const auto start = clock.steady_now();
  queries.add();
  bool late = false;
  const auto attempt = [&](bool journal_only) -> Result<Answer> {
    for (;;) {
      auto lease = memory->of(place->is_long()).take(std::min<std::size_t>(64u << 10, options.memory_bytes / 64));
      if (!lease && !place->is_long()) {
        if (auto ok = enter(true); !ok) return std::move(ok).error();
        continue;
      }
      if (!lease) return Error{ErrorCode::overloaded, "The memory for queries is used up: try again in a moment.", ""};
      QueryRun run{asker.canceled, std::move(*lease), damaged, options.memory_bytes / std::max<std::size_t>(options.concurrent, 1), &clock,
                   &*place, &memory->of_long, now() + std::chrono::milliseconds(options.slice_ms), deadline};
      try {
        auto answer = work(run, journal_only);
        if (answer) {
          answer->stats = run.stats;
          if (!asker.told_of_work) answer->stats.chunks_read = answer->stats.bytes_read = answer->stats.records_scanned = 0;
          if constexpr (requires { answer->lease; }) answer->lease = std::move(run.lease);
        }
        late = run.late;
        if (answer) return answer;
        const bool needs_more = answer.error().code == ErrorCode::overloaded && !late && !place->is_long();
        if (!run.gave_way && !needs_more) return answer;
      } catch (const std::bad_alloc&) {
        return Error{ErrorCode::overloaded, "The server's memory is used up: narrow the query, or try again in a moment.",
                     ""};
      }
      gave_way.add();
      run.lease.shrink(std::numeric_limits<std::size_t>::max());  // nothing is held while it waits
      if (auto ok = enter(true); !ok) return std::move(ok).error();
    }
  };
  auto answer = attempt(false);
  for (int again = 0; !answer && answer.error().code == ErrorCode::conflict && again < kViews; ++again) answer = attempt(false);
  if (!answer && answer.error().code == ErrorCode::conflict) answer = Error{ErrorCode::overloaded, answer.error().message, ""};
  if (!answer && answer.error().code == ErrorCode::unavailable && !late) answer = attempt(true);
  place.reset();
  if (late) timeouts.add();
  const auto took = clock.steady_now() - start;
  seconds.observe(std::chrono::duration<double>(took).count());
  if (answer) {
    answer->stats.elapsed_ms =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
    if (answer->stats.partial) partials.add();
  } else {
    (answer.error().code == ErrorCode::overloaded ? overloads : failures).add();
  }
  return answer;
}

}  // namespace penstock::query
