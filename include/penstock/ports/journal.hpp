// The journal as its writers and readers see it.
#pragma once

#include <cstdint>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "penstock/core/frame.hpp"
#include "penstock/core/result.hpp"

namespace penstock {

// One accepted request on its way to the disk.
struct Submission {
  std::string batch;        // as BatchWriter made it
  std::uint32_t count = 0;  // records in it, > 0
  Timestamp min_time, max_time;
  // Called exactly once, on the journal's writer thread, after the batch was synced (its first sequence) or could not be. Must not
  // block or throw. Empty: nobody waits.
  std::function<void(Result<Sequence>)> done;
};

// Where submissions go. Thread-safe, lock-free, never blocks.
class SubmissionQueue {
 public:
  virtual ~SubmissionQueue() = default;
  // overloaded when the queue is full, draining after close, storage_full / storage_failed when the journal cannot take
  // it. On an error `submission` is untouched and done is not called.
  virtual Result<void> submit(Submission&& submission) = 0;
};

// Reads durable frames in order. One thread a reader.
class JournalReader {
 public:
  virtual ~JournalReader() = default;
  // The next frame that ends after the reader's position, or nullptr when all durable frames were read. A frame whose records are lost to
  // damage is skipped and counted; the position moves on.
  virtual Result<FramePtr> next() = 0;
  // The sequence the next frame starts at, or later.
  virtual Sequence position() const = 0;
  // Blocks until a frame past the position is durable, the time is over (false), or wake() / close of the journal (false).
  virtual bool wait(std::chrono::milliseconds at_most) = 0;
  virtual void wake() = 0;  // any thread
  // Sequences directly before the frame that next() gave last which were never given out (Journal::renumber).
  virtual Sequence stepped_over() const { return 0; }
};

// Records [first, end) of a journal, whose times all lie in [min_time, max_time] where those are known.
struct JournalPart {
  Sequence first = 0, end = 0;
  Timestamp min_time, max_time;
  bool times_known = true;  // false: nobody looked at it yet, since an earlier run wrote it
};

// What a cursor does to segments that it has not passed.
struct CursorPolicy {
  // 0: it holds them, whatever disk that takes. Else only while it lies no more than so many bytes of segments behind the journal's end: beyond that they may
  // go as if it had passed them, and its reader goes on at the oldest that is left.
  std::uint64_t may_lag_bytes = 0;
};

// Thread-safe.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual JournalId id() const = 0;
  // First sequence not yet durable: everything below it was synced.
  virtual Sequence durable_end() const = 0;
  // First sequence still on disk (or durable_end() when nothing is).
  virtual Sequence oldest() const = 0;
  // A reader that starts at the frame holding `from` (or the oldest after it).
  virtual std::unique_ptr<JournalReader> reader(Sequence from) = 0;
  // What is on disk of [from, to), in order, in parts of about a 64th of a segment, so that a query need not read what its time range leaves out.
  // Each begins with a frame, but for the first, which begins at `from`. Never reads from the disk.
  virtual std::vector<JournalPart> parts(Sequence from, Sequence to) const = 0;
  // A part of unknown times in parts that know them, as far as it can be read. Reads the headers of its frames from the disk, once.
  virtual std::vector<JournalPart> split(const JournalPart& part) const = 0;
  // A sink that holds segments back until it has passed them, as far as `policy` lets it. Registering again under the same name moves it.
  virtual void set_cursor(const std::string& sink, Sequence position, CursorPolicy policy = {}) = 0;
  // That sink is gone and holds nothing back. Without any sink nothing is deleted.
  virtual void remove_cursor(const std::string& sink) = 0;
  // A destination has all below `to`, but not the records that this journal holds from `from` on (it lost its end, or is an older copy, and
  // somebody else went on). Asks to go on where no cursor has been: those records are read under the sequences from `to` on, in their order,
  // and so is all that comes. What lies between was never given out: it is a step, not a gap. `to` is more than `from`, and may be less than
  // durable_end(). Done once renumberings() has grown.
  virtual void renumber(Sequence from, Sequence to) = 0;
  virtual std::size_t renumberings() const = 0;
  // What lies before `before` is to leave the disk as soon as every sink has passed it, however young it is: it was deleted. Done once oldest()
  // is `before` or more. Not kept over a restart: ask again.
  virtual void retire(Sequence before) = 0;
};

}  // namespace penstock
