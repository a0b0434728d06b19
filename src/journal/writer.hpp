// The writer: drains the intake, commits what it got as one frame, answers, and keeps house.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "journal/frame_codec.hpp"
#include "journal/intake.hpp"
#include "journal/journal_state.hpp"
#include "journal/retention.hpp"
#include "journal/segment_writer.hpp"

namespace penstock::journal {

// One thread, but for intake().
class Writer {
 public:
  explicit Writer(JournalState& state);

  Intake& intake() { return intake_; }
  SegmentWriter& segments() { return segments_; }

  void begin();   // the first segment of this process; failing leaves the journal unwritable for now
  void run();     // until the intake is closed and everything in it answered
  bool round();   // true when something was answered
  void finish();  // after run(): the last segment is left in good order

 private:
  bool gather();
  void commit();
  Result<void> write(const std::shared_ptr<Frame>& frame);
  void answer(const Result<void>& written, Sequence first);
  void keep_house();
  void try_again();
  Result<void> open_segment();
  void make_room();
  void leave_retired();
  void renumber();
  Result<void> renumber_now();
  ErrorCode refuse_after(const Error& error);
  void keep_reserve(bool full);

  JournalState& state_;
  Intake intake_;
  SegmentWriter segments_;
  Retention retention_;
  FrameEncoder encoder_;
  std::vector<Submission> batch_;
  std::vector<std::size_t> batch_costs_;
  std::optional<Submission> next_;  // popped, but too much for the last frame
  std::chrono::steady_clock::time_point house_kept_, tried_;
};

}  // namespace penstock::journal
