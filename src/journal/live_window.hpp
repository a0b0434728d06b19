// The newest durable frames in memory, the end of what is durable, and those who wait for it to move.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>

#include "penstock/core/frame.hpp"

namespace penstock::journal {

// Thread-safe; one thread publishes.
class LiveWindow {
 public:
  // At most `limit` bytes of frames are held, whatever readers do; a frame larger than that is not held at all.
  explicit LiveWindow(std::size_t limit) : limit_(limit) {}

  void start_at(Sequence end) { end_.store(end, std::memory_order_release); }
  // Numbering steps to `end`: frames held so far are forgotten, and those who wait wake up.
  void step_to(Sequence end);
  // The frame became durable; it starts where the last one ended.
  void publish(FramePtr frame);

  Sequence durable_end() const { return end_.load(std::memory_order_acquire); }
  FramePtr find(Sequence position) const;  // the frame holding it, or nullptr
  std::size_t size_bytes() const;

  // Blocks until durable_end() > position (true), the time is over, `woken` is set (it is reset) or after close().
  bool wait(Sequence position, std::chrono::milliseconds at_most, bool& woken);
  void wake(bool& woken);  // sets it, under the lock that wait() reads it under
  void close();

 private:
  const std::size_t limit_;
  std::atomic<Sequence> end_{1};
  mutable std::mutex mutex_;
  std::condition_variable moved_;
  std::deque<FramePtr> frames_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
};

}  // namespace penstock::journal
