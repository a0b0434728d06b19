// Where submissions come in: bounded by bytes and number, lock-free, with a wake-up for the writer.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/bounded_queue.hpp"
#include "journal/journal_state.hpp"
#include "journal/wake_signal.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock::journal {

// submit, close, notify: any thread. The rest: the writer's.
class Intake {
 public:
  explicit Intake(JournalState& state);

  Result<void> submit(Submission&& submission);
  void close();  // submit says draining from here on
  bool closed() const { return closed_.load(); }

  // storage_failed or storage_full: submissions are refused with it; nullopt: they are taken again.
  void refuse(std::optional<ErrorCode> code);
  bool refusing() const { return state_.refuse.load(std::memory_order_relaxed) != 0; }

  bool pop(Submission& out) { return queue_.pop(out); }
  // The submission is answered: its bytes no longer count.
  void release(std::size_t bytes);
  // True when nothing is queued and nobody is about to queue anything; after close() it stays so.
  bool idle() const { return state_.pending_bytes.load() == 0; }
  void wait(std::chrono::nanoseconds at_most) { signal_.wait(at_most); }
  void notify() { signal_.notify(); }

  static std::size_t cost(std::size_t batch_bytes);

 private:
  Result<void> admit(std::size_t pending) const;

  JournalState& state_;
  BoundedQueue<Submission> queue_;
  WakeSignal signal_;
  std::atomic<bool> closed_{false};
};

}  // namespace penstock::journal
