// The store's housekeeping thread: compaction, rewriting for deletions, retention, giving freed space back, partitions ahead. Paced: it works at
// most a part of the time, one job after the other.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_maintenance.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sealer.hpp"
#include "sinks/store/maintenance_options.hpp"

namespace penstock::sinks {

// Says whether a log is deleted, as far as its content goes (deployment, times and sequence are looked at here).
using DeletedRow = std::function<bool(const LogView&)>;
// Understands Deletion::filter_json. An error leaves that deletion open (answers still leave its records out) and is
// logged.
using DeletionMatcher = std::function<Result<DeletedRow>(const Deletion&)>;
// The rules in force; asked before every round. Any thread.
using RetentionRules = std::function<std::vector<RetentionRule>()>;

// The references must outlive it. start and stop belong to one thread. The *_once functions are the rounds the thread
// runs; call them only while it is not running.
class Maintenance {
 public:
  Maintenance(MaintenanceOptions options, ChunkStore& store, ChunkMaintenance& maintenance, Sealer& sealer,
              Clock& clock, MetricsRegistry& metrics, RetentionRules rules, DeletionMatcher matcher);
  ~Maintenance();  // stop()

  void start();
  void stop();  // after the job at hand
  void wake();  // any thread: a deletion was added, rules changed

  Result<bool> compact_once();         // true: a group was merged, there may be more
  Result<bool> rewrite_once();         // true: chunks were rewritten for a deletion, there may be more
  Result<RetentionReport> retain_once();  // also prepares partitions

 private:
  struct Instruments;

  void run();
  std::chrono::milliseconds round();
  Result<bool> rewrite_for(const Deletion& deletion);
  Result<bool> set_aside(CompactionJob& job, const Error& why);
  Result<bool> settled(const Deletion& deletion);

  const MaintenanceOptions options_;
  ChunkStore& store_;
  ChunkMaintenance& maintenance_;
  Sealer& sealer_;
  Clock& clock_;
  const RetentionRules rules_;
  const DeletionMatcher matcher_;
  std::unique_ptr<Instruments> instruments_;

  std::chrono::steady_clock::time_point next_retention_{}, next_compaction_{}, next_rewrite_{}, next_reclaim_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false, woken_ = false;
  std::thread thread_;
};

}  // namespace penstock::sinks
