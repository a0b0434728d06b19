// Housekeeping of the chunk store: compaction, retention, deletion. Driven by the store's maintenance thread (src/sinks/store).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "penstock/core/retention_rule.hpp"
#include "penstock/ports/chunk_store.hpp"

namespace penstock {

// Small chunks of one (journal, deployment, kind, day), held under row locks so that no other server takes them; one transaction.
class CompactionJob {
 public:
  virtual ~CompactionJob() = default;  // rolls back unless replace() succeeded
  virtual const std::vector<Chunk>& inputs() const = 0;
  // Puts the outputs in place of the inputs, atomically.
  virtual Result<void> replace(const std::vector<Chunk>& outputs) = 0;
  // Rewriting found nothing to drop: the inputs stay as they are, and count as rewritten.
  virtual Result<void> keep_inputs() { return replace(inputs()); }
  // These of the inputs cannot be read: they stay as they are and are not taken for merging again. The others are free for the next job.
  virtual Result<void> set_aside(const std::vector<ChunkId>& damaged) = 0;
};

struct CompactionPolicy {
  std::uint32_t min_inputs = 8;                     // fewer chunks of one level are left alone
  std::uint32_t max_inputs = 64;
  std::uint64_t max_input_bytes = 8u << 20;         // payload bytes read into memory for one job
  std::uint32_t max_level = 3;
};

struct RetentionReport {
  std::uint64_t chunks = 0, bytes = 0, records = 0, partitions = 0;
  std::uint64_t early_records = 0;  // of `records`: before their age, since their deployment has more than its size
  std::uint64_t dead_letters = 0;   // beyond as many as are kept
  std::uint64_t series = 0;  // forgotten, since no samples of theirs are left
};

// Thread-safe; every call may block.
class ChunkMaintenance {
 public:
  virtual ~ChunkMaintenance() = default;
  // A group of small chunks worth merging, or nullptr. A group that another server works on is passed over.
  virtual Result<std::unique_ptr<CompactionJob>> next_compaction(const CompactionPolicy& policy) = 0;
  // Chunks that may hold records of a deletion and were not rewritten for it yet (at most max_input_bytes), or nullptr when none is left
  // but `passed_over`.
  virtual Result<std::unique_ptr<CompactionJob>> next_rewrite(const Deletion& deletion, const CompactionPolicy& policy,
                                                              const std::vector<ChunkId>& passed_over) = 0;
  // A chunk whose data key was retired, to be written anew under another, or nullptr when there is none but `passed_over`. Keys that open
  // nothing any more go meanwhile.
  virtual Result<std::unique_ptr<CompactionJob>> next_reseal(const CompactionPolicy&, const std::vector<ChunkId>& /*passed_over*/) {
    return std::unique_ptr<CompactionJob>();
  }
  // How many chunks still wait to be rewritten for it.
  virtual Result<std::uint64_t> chunks_left(const Deletion& deletion) = 0;
  virtual Result<std::vector<Deletion>> open_deletions() = 0;
  // Every chunk was rewritten and the journal's cursor has passed it: the deletion needs no more filtering.
  virtual Result<void> close_deletion(std::int64_t id) = 0;
  virtual Result<RetentionReport> apply_retention(const std::vector<RetentionRule>& rules, Timestamp now) = 0;
  // About what apply_retention() would remove now, and leaves it where it is; of partitions and series it tells nothing.
  virtual Result<RetentionReport> expiring(const std::vector<RetentionRule>& rules, Timestamp now) = 0;
  // Partitions for the days around now exist afterwards.
  virtual Result<void> prepare_partitions(Timestamp now) = 0;
  // Lets new chunks have the space of those that this server removed, once it is `at_least` bytes. True: there may be more.
  virtual Result<bool> reclaim_space(std::uint64_t at_least) = 0;
};

}  // namespace penstock
