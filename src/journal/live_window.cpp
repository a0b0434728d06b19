#include "journal/live_window.hpp"

#include <algorithm>
#include <vector>

namespace penstock::journal {
namespace {

// Small frames weigh more than their bytes.
std::size_t cost(const Frame& frame) {
  return frame.size_bytes + sizeof(Frame) + 64 + frame.batches.size() * (sizeof(Frame::Batch) + 16);
}

}  // namespace

void LiveWindow::publish(FramePtr frame) {
  std::vector<FramePtr> dropped;  // freed after the lock is
  {
    std::lock_guard lock(mutex_);
    bytes_ += cost(*frame);
    end_.store(frame->next(), std::memory_order_release);
    frames_.push_back(std::move(frame));
    while (bytes_ > limit_) {
      bytes_ -= cost(*frames_.front());
      dropped.push_back(std::move(frames_.front()));
      frames_.pop_front();
    }
  }
  moved_.notify_all();
}

void LiveWindow::step_to(Sequence end) {
  std::deque<FramePtr> dropped;
  {
    std::lock_guard lock(mutex_);
    dropped.swap(frames_);
    bytes_ = 0;
    end_.store(end, std::memory_order_release);
  }
  moved_.notify_all();
}

FramePtr LiveWindow::find(Sequence position) const {
  std::lock_guard lock(mutex_);
  const auto found = std::upper_bound(frames_.begin(), frames_.end(), position,
                                      [](Sequence p, const FramePtr& f) { return p < f->next(); });
  if (found == frames_.end() || (*found)->first > position) return nullptr;
  return *found;
}

std::size_t LiveWindow::size_bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

bool LiveWindow::wait(Sequence position, std::chrono::milliseconds at_most, bool& woken) {
  std::unique_lock lock(mutex_);
  moved_.wait_for(lock, at_most, [&] { return woken || closed_ || durable_end() > position; });
  woken = false;
  return durable_end() > position;
}

void LiveWindow::wake(bool& woken) {
  {
    std::lock_guard lock(mutex_);
    woken = true;
  }
  moved_.notify_all();
}

void LiveWindow::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  moved_.notify_all();
}

}  // namespace penstock::journal
