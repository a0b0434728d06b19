// The chunk store over Postgres (tables: migrations/). Chunk bytes go through libpq in binary, everything else through
// libpqxx.
//
// Connections: one that writes (commits), one for a compaction or rewriting job, one for housekeeping statements, one
// for the deletion list, and up to Options::read_connections for snapshots. Each is opened when first needed and again
// after it broke; none waits for another. The schema must be there (Migrations).
#pragma once

#include <cstdint>
#include <memory>

#include "penstock/ports/chunk_maintenance.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sealer.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

struct StoreStats {
  bool available = false;
  std::uint64_t chunks = 0;
  std::uint64_t bytes = 0;  // headers, filters and payloads
  std::uint64_t series = 0;
};

// Thread-safe. Snapshots and jobs must end before the store does.
class PgChunkStore final : public ChunkStore, public ChunkMaintenance {
 public:
  // Opens no connection yet. `metrics` must outlive the store, and so must `sealer`: with it the filters of deletions are sealed.
  PgChunkStore(Options options, MetricsRegistry& metrics, Sealer* sealer = nullptr);
  ~PgChunkStore() override;

  // ChunkStore. series_collision: Error::field is "<deployment>/<id as 16 hex digits>" of a series in the commit that
  // another series has taken; nothing was stored.
  Result<Sequence> load_cursor(JournalId journal) override;
  DestinationWriters writers() const override;
  Result<void> check_session(JournalId journal) override;
  Result<void> commit(const StoreCommit& commit) override;
  Result<std::unique_ptr<StoreSnapshot>> snapshot() override;
  Result<Deletion> add_deletion(const Deletion& deletion, const AuditEntry& entry = {}) override;

  // ChunkMaintenance. One job at a time: next_compaction and next_rewrite are `overloaded` while one is open. A rule's
  // max_bytes is for all chunks together that the rule governs. A day's partition is dropped whole when no chunk in it
  // is to be kept.
  Result<std::unique_ptr<CompactionJob>> next_compaction(const CompactionPolicy& policy) override;
  Result<std::unique_ptr<CompactionJob>> next_rewrite(const Deletion& deletion, const CompactionPolicy& policy,
                                                      const std::vector<ChunkId>& passed_over) override;
  Result<std::unique_ptr<CompactionJob>> next_reseal(const CompactionPolicy& policy, const std::vector<ChunkId>& passed_over) override;
  Result<std::uint64_t> chunks_left(const Deletion& deletion) override;
  Result<std::vector<Deletion>> open_deletions() override;
  Result<void> close_deletion(std::int64_t id) override;
  Result<RetentionReport> apply_retention(const std::vector<RetentionRule>& rules, Timestamp now) override;
  Result<RetentionReport> expiring(const std::vector<RetentionRule>& rules, Timestamp now) override;
  Result<void> prepare_partitions(Timestamp now) override;
  Result<bool> reclaim_space(std::uint64_t at_least) override;

  // Counted in the database at most every ten seconds; between that, and while the database is away, what was counted
  // last.
  StoreStats stats();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::postgres
