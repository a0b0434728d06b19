// Whether the database answers: asked every second over a connection of its own, so that nobody else has to wait to find out.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "penstock/core/error.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

class KeptConnection;

// Thread-safe, but for start and stop, which belong to one thread.
class Pulse {
 public:
  // A server that stops, halts or is cut off is noticed within two seconds.
  explicit Pulse(ConnectionOptions options);
  ~Pulse();  // stop()

  void start();
  void stop();
  bool looking() const { return looking_.load(std::memory_order_acquire); }
  // It did not answer when asked last. False before the first look.
  bool away() const { return away_.load(std::memory_order_acquire); }
  // Why; nothing while it answers.
  std::optional<Error> problem() const;

 private:
  void run();
  std::optional<Error> look();

  std::atomic<bool> looking_{false}, away_{false};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::optional<Error> problem_;
  const std::unique_ptr<KeptConnection> connection_;  // the thread's
  std::thread thread_;
};

}  // namespace penstock::postgres
