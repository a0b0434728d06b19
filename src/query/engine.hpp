// Answers questions from the store's chunks and from what the journal holds past them.
//
// What a query sees: every record that was durable when the query began, each exactly once. The store's snapshot tells
// the journal's cursor and the chunks of one moment; records from that cursor on come from the journal, so a commit in
// between changes nothing. While the store is away answers come from the journal's files alone and say stats.partial.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/stop_flag.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/journal.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sealer.hpp"
#include "query/deployment_list.hpp"
#include "query/log_query.hpp"
#include "query/metric_query.hpp"
#include "query/overview.hpp"
#include "query/scope.hpp"

namespace penstock::query {

struct Options {
  std::size_t memory_bytes = 32u << 20;       // of all queries together; over it: overloaded
  std::size_t concurrent = 4;                 // queries at once; more wait
  std::int64_t admission_wait_ms = 2'000;     // … this long, then overloaded
  std::size_t downloads = 8;                  // streams at once: all of them together hold at most a quarter of the memory
  std::int64_t timeout_ns = 50 * kSecond;     // of one query, its waiting included; of a stream, of each part. Below nginx's 60 s
  std::int64_t slice_ms = 200;                // who works longer is a long query (query_gate.hpp)
  std::size_t waiting_long = 16;              // long ones that may wait
  std::uint32_t stream_page = 5'000;          // rows gathered at a time while streaming
  std::uint32_t distinct_values = 10'000;     // of a facet counted exactly
  std::uint32_t max_series = 20'000;          // with samples in the range of one metrics query
  std::uint32_t histogram_buckets = 60;       // when no step is given
  std::uint32_t max_histogram_buckets = 11'000;
};

// Threads that let all queries work that have a place, or may wait for one.
inline std::size_t query_threads(const Options& options) { return std::max<std::size_t>(options.concurrent, 2) + options.waiting_long; }

// Returns false to end the stream.
using RowVisitor = std::function<bool(const LogRow&)>;

// Thread-safe. Every call blocks: make it on a worker thread. Errors: invalid_query and invalid_request (the caller's),
// overloaded (memory or concurrency; try again or narrow it), canceled, not_found, unavailable (only remove()),
// internal.
class Engine {
 public:
  Engine(Options options, Clock& clock, Journal& journal, ChunkStore& store, Sealer& sealer, MetricsRegistry& metrics);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Deletions are known after a restart, too, while the store is away: they are kept at `path`. Before the first call of anything else.
  void keep_deletions_in(FileSystem& files, const std::string& path);
  // A damaged file of them that was put aside and is still there, as of then; empty: none.
  const std::string& deletions_put_aside() const;

  // A deployment was deleted for good: until the journal has let go of its logs, answers without the store leave them out, and what earlier
  // deletions were about is forgotten. It has no filter. Any thread but an io thread.
  void deployment_deleted(Deletion whole);

  Result<LogPage> logs(const Scope& scope, const LogQuery& query, const StopFlag& canceled);
  // Every matching row without a limit (query.limit is ignored); the visitor is called between pages with no store
  // connection and no place among the concurrent queries held, so it may block.
  Result<Stats> stream_logs(const Scope& scope, const LogQuery& query, const RowVisitor& visit,
                            const StopFlag& canceled);
  // step_ns 0: about Options::histogram_buckets buckets on a round step.
  Result<LogHistogram> histogram(const Scope& scope, const LogQuery& query, std::int64_t step_ns,
                                 const StopFlag& canceled, const ZoneName& zone = {});
  Result<Facets> facets(const Scope& scope, const LogQuery& query, const std::string& field, std::uint32_t limit,
                        const StopFlag& canceled);
  Result<FieldList> fields(const Scope& scope, const LogQuery& query, const StopFlag& canceled);
  Result<LogContext> context(const Scope& scope, const ContextQuery& query, const StopFlag& canceled);
  // Hides the matching records that are durable now, at once and for every server; the store's maintenance removes
  // their bytes later. Tells how many there were, and one deletion a deployment that had any. Needs the store: unavailable while it is away.
  // `by`: actor and address, for the audit entry that is made with each deletion; without an actor there is none.
  Result<Removed> remove(const Scope& scope, const LogQuery& query, const StopFlag& canceled, const AuditEntry& by = {});

  Result<Overview> overview(const Scope& scope, const OverviewQuery& query, const StopFlag& canceled);

  // Cheap, for every opening of a menu: what the store holds is counted at most every few seconds, names that only the journal knows are
  // looked for anew. Who may read in some only gets their names, be there something in them or not; who may read some sources wherever they are,
  // the names of those where there was something of these in the last day (which is a query). How much is stored is told of those in all of which the right deployment:read holds.
  Result<DeploymentList> deployments(const Scope& scope, const StopFlag& canceled);

  Result<MetricList> metrics(const Scope& scope, const SeriesQuery& query, const StopFlag& canceled);
  Result<SeriesList> series(const Scope& scope, const SeriesQuery& query, const StopFlag& canceled);
  Result<RangeResult> range(const Scope& scope, const RangeQuery& query, const StopFlag& canceled);
  Result<LatestResult> latest(const Scope& scope, const LatestQuery& query, const StopFlag& canceled);

  std::size_t memory_used() const;  // of the budget, now

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::query
