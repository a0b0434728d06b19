// The thread that keeps the private server alive.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "postgres/server_directory.hpp"

namespace penstock::postgres {

// Launches the server, passes its log on to ours, launches it again (with back-off) when it ends. All launches are made
// by one thread that lives as long as the watch: the server's death signal is tied to the thread that started it.
class ServerWatch {
 public:
  ServerWatch(ServerOptions options, ServerDirectory directory);
  ~ServerWatch();

  // Returns after the first launch, or its error.
  Result<void> start();
  // Fast shutdown for the shorter of `at_most` and stop_timeout, then what ends it for certain within 5 s.
  void stop(std::chrono::milliseconds at_most = std::chrono::hours(1));

  bool ready() const;  // takes connections
  pid_t pid() const { return pid_.load(std::memory_order_acquire); }
  std::uint64_t launches() const { return launches_.load(std::memory_order_relaxed); }
  std::string last_complaint() const;  // what the server said last at level FATAL or PANIC
  const std::string& url() const { return url_; }

 private:
  void run();
  Result<Child> launch();
  void attend(Child child);
  void pass_on(std::string& buffer);
  void end(pid_t pid);
  bool wait(std::chrono::milliseconds at_most);  // true when asked to stop
  std::vector<std::string> arguments() const;

  const ServerOptions options_;
  ServerDirectory directory_;
  std::string url_;
  std::atomic<pid_t> pid_{0};
  std::atomic<std::uint64_t> launches_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<std::chrono::milliseconds> patience_;  // of a stop
  Descriptor stop_event_;
  mutable std::mutex mutex_;
  std::string complaint_;
  std::thread thread_;
};

}  // namespace penstock::postgres
