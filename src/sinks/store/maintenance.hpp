// The store's housekeeping thread: compaction, rewriting for deletions, retention, giving freed space back, partitions ahead. Paced: it works at
// most a part of the time, one job after the other.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "chunk/damaged_chunks.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_maintenance.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sealer.hpp"
#include "sinks/store/journal_clearing.hpp"
#include "sinks/store/maintenance_options.hpp"

namespace penstock::sinks {

// Whether a deletion's filters match a log (what it covers is looked at here). Empty: it has none.
using DeletedRow = std::function<bool(const LogView&)>;
// Understands Deletion::filter_json. An error leaves that deletion open (answers still leave its records out) and is
// logged.
using DeletionMatcher = std::function<Result<DeletedRow>(const Deletion&)>;
// The rules in force; asked before every round, may block. An error: nothing is removed in this round.
using RetentionRules = std::function<Result<std::vector<RetentionRule>>()>;

// Deletions that wait to be carried out, as the last round found them.
struct DeletionState {
  std::size_t open = 0;
  std::size_t held = 0;        // of them: a chunk that they may be about is damaged
  std::size_t unreadable = 0;  // of them: what they are about cannot be understood
  std::string problem;         // the list of them cannot be read: why
};

// The references must outlive it. start and stop belong to one thread. The *_once functions are the rounds the thread
// runs; call them only while it is not running.
class Maintenance {
 public:
  Maintenance(MaintenanceOptions options, ChunkStore& store, ChunkMaintenance& maintenance, Sealer& sealer,
              Clock& clock, MetricsRegistry& metrics, RetentionRules rules, DeletionMatcher matcher);
  ~Maintenance();  // stop()

  // What is deleted leaves the journal too, with the rounds that rewrite chunks. Before start(); `clearing` outlives this.
  void clear_journal(JournalClearing& clearing) { clearing_ = &clearing; }

  void start();
  void stop();  // after the job at hand
  void wake();  // any thread: a deletion was added, rules changed, keys were replaced

  Result<bool> compact_once();         // true: a group was merged, there may be more
  Result<bool> rewrite_once();         // true: chunks were rewritten for a deletion, or found damaged; there may be more
  Result<bool> reseal_once();          // true: a chunk was sealed under a new key, or found damaged; there may be more
  DeletionState deletions() const;     // any thread
  Result<RetentionReport> retain_once();  // also prepares partitions

 private:
  struct Instruments;

  void run();
  std::chrono::milliseconds round();
  Result<bool> rewrite_for(const Deletion& deletion);
  Result<bool> set_aside_damaged(CompactionJob& job);
  Result<bool> finish(const Deletion& deletion, bool may_close);
  Result<bool> settled(const Deletion& deletion);
  void publish(std::size_t open, std::string problem);

  const MaintenanceOptions options_;
  ChunkStore& store_;
  ChunkMaintenance& maintenance_;
  Sealer& sealer_;
  Clock& clock_;
  const RetentionRules rules_;
  const DeletionMatcher matcher_;
  std::unique_ptr<Instruments> instruments_;
  chunk::DamagedChunks damaged_;
  std::map<std::int64_t, std::vector<ChunkId>> unreadable_;  // chunks that could not be rewritten, by deletion
  std::vector<ChunkId> unsealable_;  // chunks under a retired key that cannot be read
  std::set<std::int64_t> held_;  // deletions that wait for such chunks
  std::set<std::int64_t> not_understood_;

  JournalClearing* clearing_ = nullptr;
  std::chrono::steady_clock::time_point next_retention_{}, next_compaction_{}, next_rewrite_{}, next_clearing_{}, next_reseal_{}, next_reclaim_{};
  mutable std::mutex mutex_;
  DeletionState deletions_;
  std::condition_variable changed_;
  bool stopping_ = false, woken_ = false;
  std::thread thread_;
};

}  // namespace penstock::sinks
