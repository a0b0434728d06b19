// Does something when it was not called off in time.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace penstock::app {

class Alarm {
 public:
  // `ring` is called on a thread of the alarm's own after `in`, unless the alarm is destroyed before.
  Alarm(std::chrono::milliseconds in, std::function<void()> ring)
      : thread_([this, in, ring = std::move(ring)] {
          std::unique_lock lock(mutex_);
          if (!off_.wait_for(lock, in, [this] { return called_off_; })) ring();
        }) {}
  ~Alarm() {
    {
      const std::lock_guard lock(mutex_);
      called_off_ = true;
    }
    off_.notify_all();
    thread_.join();
  }
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable off_;
  bool called_off_ = false;
  std::thread thread_;
};

}  // namespace penstock::app
