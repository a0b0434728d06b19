// Finds chunks worth merging or due for rewriting, and holds them while that is done. One connection, one job at a
// time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "penstock/ports/chunk_maintenance.hpp"
#include "postgres/freed_space.hpp"
#include "postgres/options.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Thread-safe. Must outlive its jobs.
class Jobs {
 public:
  // `freed` learns what jobs replaced, and must outlive this.
  Jobs(const Options& options, FreedSpace& freed) : options_(options), freed_(freed) {}

  // Looks only at days with news: all of them at first, then those that note_days() tells.
  Result<std::unique_ptr<CompactionJob>> next_compaction(const CompactionPolicy& policy);
  // overloaded while others hold all that is left.
  Result<std::unique_ptr<CompactionJob>> next_rewrite(const Deletion& deletion, const CompactionPolicy& policy,
                                                      const std::vector<ChunkId>& passed_over);
  // The same for a chunk under a retired data key.
  Result<std::unique_ptr<CompactionJob>> next_reseal(const CompactionPolicy& policy, const std::vector<ChunkId>& passed_over);
  Result<std::uint64_t> chunks_left(const Deletion& deletion);
  // Chunks were stored on these days. Never waits for a job.
  void note_days(const std::vector<std::int32_t>& days);

 private:
  friend class PgJob;

  Result<PqConnection*> connection();
  Result<void> refill_days(PqConnection& open);
  Result<std::unique_ptr<CompactionJob>> compaction_on(PqConnection& open, std::int32_t day,
                                                       const CompactionPolicy& policy);

  const Options options_;
  FreedSpace& freed_;
  std::mutex mutex_;
  std::atomic<bool> busy_{false};  // a job is out, and owns the connection
  std::unique_ptr<PqConnection> connection_;
  bool days_known_ = false;
  std::mutex days_mutex_;
  std::set<std::int32_t> days_;
};

}  // namespace penstock::postgres
