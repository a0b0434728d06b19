// A chunk store in memory, with faults on demand. Snapshots are as consistent as those of the real one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "penstock/ports/chunk_maintenance.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock::test {

// Thread-safe. Must outlive its snapshots and jobs.
class FakeChunkStore final : public ChunkStore, public ChunkMaintenance {
 public:
  enum class Call { load_cursor, commit, snapshot, chunks, read_payload, series, stored, add_deletion, next_job, retention };

  // What the next `times` calls of a kind answer, nothing being done. Several may be queued.
  void fail(Call call, Error error, int times = 1);
  // The next `times` commits are done, and answered with this error all the same (a connection lost at COMMIT).
  void commit_but_answer(Error error, int times = 1);
  // Every call is unavailable until it is given false.
  void set_away(bool away);
  // Asked before each commit; an error refuses it. For data that cannot be stored.
  void judge(std::function<std::optional<Error>(const StoreCommit&)> judge);
  // Called on the reader's thread before each read of a payload; it may block. Set it before anybody reads.
  void on_reading(std::function<void()> reading) { reading_ = std::move(reading); }
  // Another writer, or a restored backup, moves the cursor.
  void set_cursor(JournalId journal, Sequence position);
  // Puts a chunk straight in; its id is assigned and returned.
  ChunkId put(Chunk chunk);
  void put(SeenSeries series);
  // The bytes of a chunk, found by its id, are these from now on.
  void replace_bytes(Chunk chunk);

  std::vector<Chunk> all_chunks() const;  // by id
  std::vector<Series> all_series() const;
  std::vector<DeadLetter> dead_letters() const;
  std::vector<std::pair<Sequence, Sequence>> commits() const;  // [expected, new) cursor of each that was done, in order
  Sequence cursor_of(JournalId journal) const;                 // 0 when unknown
  int calls(Call call) const;                                  // failed ones too
  std::uint64_t payload_bytes_read() const;
  std::uint64_t series_listed() const;  // rows that snapshots gave
  std::uint64_t freed_bytes() const;  // payloads that jobs replaced, until they are reclaimed

  Result<Sequence> load_cursor(JournalId journal) override;
  Result<void> commit(const StoreCommit& commit) override;
  Result<std::unique_ptr<StoreSnapshot>> snapshot() override;
  Result<Deletion> add_deletion(const Deletion& deletion, const AuditEntry& entry = {}) override;
  std::vector<AuditEntry> told() const;  // with deletions

  Result<std::unique_ptr<CompactionJob>> next_compaction(const CompactionPolicy& policy) override;
  Result<std::unique_ptr<CompactionJob>> next_rewrite(const Deletion& deletion, const CompactionPolicy& policy,
                                                      const std::vector<ChunkId>& passed_over) override;
  Result<std::uint64_t> chunks_left(const Deletion& deletion) override;
  Result<std::vector<Deletion>> open_deletions() override;
  Result<void> close_deletion(std::int64_t id) override;
  // Ages only.
  Result<RetentionReport> apply_retention(const std::vector<RetentionRule>& rules, Timestamp now) override;
  Result<RetentionReport> expiring(const std::vector<RetentionRule>& rules, Timestamp now) override;
  Result<void> prepare_partitions(Timestamp now) override;
  Result<bool> reclaim_space(std::uint64_t at_least) override;

 private:
  class Snapshot;
  class Job;
  struct Content {
    std::map<ChunkId, std::shared_ptr<const Chunk>> chunks;
    std::map<std::pair<std::string, SeriesId>, SeenSeries> series;
    std::map<JournalId, Sequence> cursors;
    std::vector<Deletion> deletions;
    std::map<ChunkId, std::vector<std::int64_t>> rewritten;  // chunk → deletions it was rewritten for
  };

  std::optional<Error> fault(Call call);
  std::optional<Error> apply(const StoreCommit& commit);
  std::vector<ChunkId> due_for(const Deletion& deletion);
  Result<std::unique_ptr<CompactionJob>> job_of(std::vector<ChunkId> ids, std::optional<std::int64_t> deletion);

  mutable std::mutex mutex_;
  Content content_;
  std::vector<DeadLetter> dead_letters_;
  std::vector<AuditEntry> told_;
  std::vector<std::pair<Sequence, Sequence>> commits_;
  std::map<Call, std::vector<Error>> faults_;
  std::vector<Error> answers_;
  std::function<std::optional<Error>(const StoreCommit&)> judge_;
  std::function<void()> reading_;
  std::map<Call, int> calls_;
  std::uint64_t series_listed_ = 0, payload_bytes_read_ = 0, freed_bytes_ = 0;
  ChunkId next_id_ = 1;
  std::int64_t next_deletion_ = 1;
  bool away_ = false;
};

}  // namespace penstock::test
