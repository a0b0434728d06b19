// A few threads for work that blocks, behind a queue of bounded length.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace penstock::inline base {

// Thread-safe. A job that throws is logged and does not end its thread.
class WorkerPool {
 public:
  // `name` is what the threads are called (15 characters are seen). `queue_limit` counts the jobs that may wait while
  // every thread works; 0 means that a job is only taken when a thread is free for it.
  WorkerPool(std::string name, std::size_t threads, std::size_t queue_limit);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();  // stop()

  // False when the queue is full or the pool was stopped; the job is then dropped.
  bool submit(std::function<void()> job);
  // Takes no more jobs, finishes those that were taken, joins. May be called again; never from a job.
  void stop();
  // Jobs that wait for a thread.
  std::size_t waiting() const;

 private:
  void work();

  const std::string name_;
  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::size_t idle_;  // threads that do not run a job
  bool stopping_ = false;
  std::mutex join_mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace penstock::inline base
