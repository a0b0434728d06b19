// A journal in memory. Each submission is a frame of its own and durable at once, unless held.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/ports/journal.hpp"

namespace penstock::test {

// Thread-safe. Must outlive its readers.
class FakeJournal final : public Journal, public SubmissionQueue {
 public:
  explicit FakeJournal(JournalId id = JournalId{1'000'000'007}) : id_(id) {}
  ~FakeJournal() override;

  Result<void> submit(Submission&& submission) override;
  // Submits a batch made by BatchWriter; committed_at is what set_now() gave.
  Sequence append(std::string batch, std::uint32_t count, Timestamp min_time = {}, Timestamp max_time = {});

  void hold();     // submissions wait …
  void release();  // … until here, and become one frame together
  void fail_submissions(std::optional<Error> error);  // submit() returns this, until it is given nullopt
  void fail_commits(std::optional<Error> error);      // done() is called with this
  void set_now(Timestamp now);
  void drop_below(Sequence sequence);  // as retention does
  // Each reader's first `failures` attempts at the frame holding `sequence` fail; then it goes on behind it.
  void spoil(Sequence sequence, int failures);
  void close();                        // wait() returns false from here on

  JournalId id() const override { return id_; }
  Sequence durable_end() const override;
  Sequence oldest() const override;
  CursorPolicy policy(const std::string& sink) const;
  std::unique_ptr<JournalReader> reader(Sequence from) override;
  std::vector<JournalPart> parts(Sequence from, Sequence to) const override;  // one a frame
  std::vector<JournalPart> split(const JournalPart& part) const override;
  void forget_times();  // what is there now is one part of unknown times, as after a start
  void set_cursor(const std::string& sink, Sequence position, CursorPolicy policy = {}) override;
  void remove_cursor(const std::string& sink) override;
  void renumber(Sequence from, Sequence to) override;
  std::size_t renumberings() const override;
  void retire(Sequence before) override;  // notes it; drop_below() is the test's to call
  Sequence retired() const;
  std::optional<Sequence> cursor(const std::string& sink) const;
  std::size_t submitted() const;  // accepted submissions so far

 private:
  class Reader;
  void commit(std::vector<Submission> submissions);

  const JournalId id_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<FramePtr> frames_;
  std::vector<Submission> held_;
  std::map<std::string, Sequence> cursors_;
  std::map<std::string, CursorPolicy> policies_;
  std::optional<Error> submit_error_, commit_error_;
  Timestamp now_{1'795'181'580 * kSecond};
  Sequence end_ = 1;
  std::size_t submitted_ = 0, renumberings_ = 0;
  Sequence unknown_below_ = 0, spoilt_ = 0;
  int spoilt_failures_ = 0;
  Sequence retired_ = 0;
  bool holding_ = false, closed_ = false;
};

}  // namespace penstock::test
