// Reads a FileJournal: from the live window where it can, from the files where it must.
#pragma once

#include <memory>

#include "journal/journal_state.hpp"
#include "journal/segment_reader.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock::journal {

// One thread, but for wake() and position().
class FileJournalReader final : public JournalReader {
 public:
  FileJournalReader(std::shared_ptr<JournalState> state, Sequence from);

  Result<FramePtr> next() override;
  Sequence position() const override { return position_.load(std::memory_order_relaxed); }
  bool wait(std::chrono::milliseconds at_most) override;
  void wake() override;
  Sequence stepped_over() const override { return stepped_; }

 private:
  Result<FramePtr> next_from_files(Sequence& position);
  Result<bool> enter(const SegmentView& segment, Sequence& position);

  std::shared_ptr<JournalState> state_;
  std::atomic<Sequence> position_;
  bool woken_ = false;                      // guarded by the window
  std::unique_ptr<SegmentReader> segment_;  // of segment_id_
  SegmentId segment_id_ = 0;
  std::uint64_t shift_ = 0;                 // of that segment's sequences
  std::size_t steps_known_ = 0;             // renumberings that position_ has followed
  Sequence stepped_ = 0;
};

}  // namespace penstock::journal
