// Makes segment files: allocated, headed and synced under a temporary name, then put in their place.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "journal/journal_state.hpp"
#include "journal/segment_format.hpp"

namespace penstock::journal {

// A segment that can be written: nobody else has it.
struct NewSegment {
  SegmentHeader header;
  std::string path;
  std::unique_ptr<File> file;
  std::uint64_t capacity = 0;  // bytes allocated, header included
};

// start, stop, prepare, take, put_in_place: one thread.
class SegmentFactory {
 public:
  explicit SegmentFactory(JournalState& state);
  ~SegmentFactory();  // stop()

  void start();  // the thread that prepares ahead; without it prepare() does the work itself
  void stop();   // removes what was prepared and not used

  // Makes a segment of the usual size ready, if there is none and it fits the disk budget. Failing is no error: take() tries again.
  void prepare();
  // A segment of `capacity` bytes, or what was prepared if that is at least `least`; smaller than asked when the room ends, never
  // below `least`. storage_full, or what the file system or the sealer said.
  Result<NewSegment> take(std::uint64_t least, std::uint64_t capacity);
  // A small segment, whatever the budget and others have left: so that a larger one can go.
  Result<NewSegment> take_spare();
  // Gives it the name under which recovery finds it. After an error it must not be used.
  Result<void> put_in_place(NewSegment& segment, Sequence first);

 private:
  Result<NewSegment> make(std::uint64_t capacity);
  Result<NewSegment> fill(std::unique_ptr<File> file, const std::string& path, SegmentId id, std::uint64_t capacity);
  void discard_ready();
  void run();

  JournalState& state_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<NewSegment> ready_;
  bool wanted_ = false, busy_ = false, stopping_ = false;
  std::thread thread_;
};

}  // namespace penstock::journal
