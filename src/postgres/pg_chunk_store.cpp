#include "postgres/pg_chunk_store.hpp"

#include "postgres/commit_writer.hpp"
#include "postgres/deletion_list.hpp"
#include "postgres/freed_space.hpp"
#include "postgres/jobs.hpp"
#include "postgres/pg_snapshot.hpp"
#include "postgres/pqxx_session.hpp"
#include "postgres/read_pool.hpp"
#include "postgres/retention.hpp"
#include "postgres/store_counts.hpp"

namespace penstock::postgres {

struct PgChunkStore::State {
  State(Options given, MetricsRegistry& metrics, Sealer* keys)
      : sealer(keys), options(std::move(given)), writer(options), reads(options), jobs(options, freed), housekeeping(options.connection),
        inquiries(options.connection), deletions(options.connection, keys), counts(options), registry(metrics) {}

  // Passes a result on, and counts it when it is an error.
  template <class R>
  R counted(const char* call, R result) {
    if (!result) {
      registry.counter("penstock_store_errors_total", "Calls to the chunk store that failed, by call and error.",
                       {{"call", call}, {"error", error_name(result.error().code)}})
          .add();
    }
    return result;
  }

  Sealer* const sealer;
  const Options options;
  CommitWriter writer;
  ReadPool reads;
  FreedSpace freed;
  Jobs jobs;
  PqxxSession housekeeping;
  PqxxSession inquiries;  // of people, who do not wait for housekeeping
  DeletionList deletions;
  StoreCounts counts;
  MetricsRegistry& registry;
};

PgChunkStore::PgChunkStore(Options options, MetricsRegistry& metrics, Sealer* sealer)
    : state_(std::make_unique<State>(std::move(options), metrics, sealer)) {}

PgChunkStore::~PgChunkStore() = default;

Result<Sequence> PgChunkStore::load_cursor(JournalId journal) {
  return state_->counted("load_cursor", state_->writer.load_cursor(journal));
}

DestinationWriters PgChunkStore::writers() const { return state_->writer.writers(); }

Result<void> PgChunkStore::check_session(JournalId journal) {
  return state_->counted("check_session", state_->writer.check_session(journal));
}

Result<void> PgChunkStore::commit(const StoreCommit& commit) {
  auto done = state_->counted("commit", state_->writer.commit(commit));
  std::vector<std::int32_t> days;
  for (const auto& chunk : commit.chunks) days.push_back(chunk.meta.day);
  // Also after a failure: it may have been stored all the same.
  state_->jobs.note_days(days);
  return done;
}

Result<std::unique_ptr<StoreSnapshot>> PgChunkStore::snapshot() {
  auto begun = state_->counted("snapshot", PgSnapshot::begin(state_->reads, state_->sealer));
  if (!begun) return begun.error();
  return std::unique_ptr<StoreSnapshot>(*std::move(begun));
}

Result<Deletion> PgChunkStore::add_deletion(const Deletion& deletion, const AuditEntry& entry) {
  return state_->counted("add_deletion", state_->deletions.add(deletion, entry));
}

Result<std::unique_ptr<CompactionJob>> PgChunkStore::next_compaction(const CompactionPolicy& policy) {
  return state_->counted("next_compaction", state_->jobs.next_compaction(policy));
}

Result<std::unique_ptr<CompactionJob>> PgChunkStore::next_rewrite(const Deletion& deletion,
                                                                  const CompactionPolicy& policy,
                                                                  const std::vector<ChunkId>& passed_over) {
  return state_->counted("next_rewrite", state_->jobs.next_rewrite(deletion, policy, passed_over));
}

Result<std::unique_ptr<CompactionJob>> PgChunkStore::next_reseal(const CompactionPolicy& policy, const std::vector<ChunkId>& passed_over) {
  return state_->counted("next_reseal", state_->jobs.next_reseal(policy, passed_over));
}

Result<std::uint64_t> PgChunkStore::chunks_left(const Deletion& deletion) {
  return state_->counted("chunks_left", state_->jobs.chunks_left(deletion));
}

Result<std::vector<Deletion>> PgChunkStore::open_deletions() {
  return state_->counted("open_deletions", state_->deletions.open());
}

Result<void> PgChunkStore::close_deletion(std::int64_t id) {
  return state_->counted("close_deletion", state_->deletions.close(id));
}

Result<RetentionReport> PgChunkStore::apply_retention(const std::vector<RetentionRule>& rules, Timestamp now) {
  return state_->counted("apply_retention",
                         postgres::apply_retention(state_->housekeeping, rules, now,
                                                   state_->options.dead_letters_kept, state_->freed));
}

Result<RetentionReport> PgChunkStore::expiring(const std::vector<RetentionRule>& rules, Timestamp now) {
  return state_->counted("expiring", postgres::expiring(state_->inquiries, rules, now));
}

Result<void> PgChunkStore::prepare_partitions(Timestamp now) {
  const auto today = day_of(now);
  return state_->counted("prepare_partitions", state_->writer.make_partitions({today - 1, today, today + 1}));
}

Result<bool> PgChunkStore::reclaim_space(std::uint64_t at_least) {
  return state_->counted("reclaim_space", state_->freed.reclaim(state_->housekeeping, at_least));
}

StoreStats PgChunkStore::stats() { return state_->counts.get(); }

}  // namespace penstock::postgres
