// The journal in files: group commits, recovery, readers, retention. Layout of the files: FORMAT.md beside this header.
//
// One writer thread gathers what was submitted, writes it as one frame, syncs, and answers. Readers see only what was synced.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "journal/journal_stats.hpp"
#include "journal/options.hpp"
#include "penstock/core/batch.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/journal.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::journal {

struct JournalState;
class Writer;

// Thread-safe but for open, start, stop and commit_once, which belong to one thread.
class FileJournal final : public Journal, public SubmissionQueue {
 public:
  // Scans the directory, drops a torn tail, begins a new segment under a new key. Succeeds on damaged files (unless strict); when no
  // new segment can be made, the journal opens with writable() false and keeps trying. conflict: another process has it open.
  // The references must outlive the journal and its readers.
  static Result<std::unique_ptr<FileJournal>> open(Options options, FileSystem& files, Clock& clock, Sealer& sealer,
                                                   MetricsRegistry& metrics);
  ~FileJournal() override;  // stop()

  void start();  // the writer thread and the thread that prepares segments ahead
  // Refuses further submissions (draining), commits what was submitted before, wakes all readers, joins. Idempotent.
  void stop();
  // One round of the writer's work on the calling thread: true when something was committed. Only without start().
  bool commit_once();

  Result<void> submit(Submission&& submission) override;

  JournalId id() const override;
  Sequence durable_end() const override;
  Sequence oldest() const override;
  std::unique_ptr<JournalReader> reader(Sequence from) override;
  std::vector<JournalPart> parts(Sequence from, Sequence to) const override;
  std::vector<JournalPart> split(const JournalPart& part) const override;
  // Until a cursor is registered nothing is deleted, so register every sink before start().
  void set_cursor(const std::string& sink, Sequence position, CursorPolicy policy = {}) override;
  void renumber(Sequence from, Sequence to) override;
  std::size_t renumberings() const override;
  void retire(Sequence before) override;
  void remove_cursor(const std::string& sink) override;

  // When an earlier run committed last, as far as its files tell; 0: they do not.
  Timestamp last_commit_before() const;

  // The entry of a durable batch of the last 24 h with this key.
  std::optional<IdempotencyEntry> find(std::uint64_t key_hi, std::uint64_t key_lo) const;

  // Nothing while submissions are taken; storage_failed: no segment can be written; storage_full: there is no room.
  std::optional<ErrorCode> refusal() const;
  bool writable() const { return !refusal(); }
  JournalStats stats() const;

 private:
  explicit FileJournal(std::shared_ptr<JournalState> state);

  std::shared_ptr<JournalState> state_;
  std::unique_ptr<Writer> writer_;
  std::thread writer_thread_;
  bool stopped_ = false;
};

}  // namespace penstock::journal
