// Brings the store up in the background, so that ingest does not wait for the database: waits for it, brings its schema
// up to date, then calls `opened`. Tries for ever while it is away.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "app/database.hpp"
#include "penstock/core/result.hpp"

namespace penstock::app {

class StoreOpener {
 public:
  // Callbacks are called on its thread: `check` when the schema is there; `opened` once; `failed` when the database can never serve (a newer
  // schema, a changed checksum, what `check` found wrong: any error but unavailable).
  StoreOpener(Database& database, bool migrate, std::function<Result<void>()> check, std::function<void()> opened,
              std::function<void(const Error&)> failed);
  ~StoreOpener();  // stop()

  void start();
  void stop();
  // Empty once the first try is over, however it ended: from then on ingest works and answers are partial at worst.
  std::string starting() const;
  // Why the store is not open yet; empty when it is.
  std::string problem() const;

 private:
  void run();
  Result<void> try_open();
  void set_problem(std::string problem);

  Database& database_;
  const bool migrate_;
  const std::function<Result<void>()> check_;
  const std::function<void()> opened_;
  const std::function<void(const Error&)> failed_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> tried_{false};
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::string problem_ = "The database is being opened.";
  std::thread thread_;
};

}  // namespace penstock::app
