// How much is stored, counted now and then.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>

#include "postgres/pg_chunk_store.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Thread-safe.
class StoreCounts {
 public:
  explicit StoreCounts(const Options& options) : options_(options) {}

  // Counts when the last count is older than ten seconds, and waits for that at most Options::read_answer; while the database is away or
  // silent, what was counted last, not available. While one caller counts, others get what was counted last.
  StoreStats get();

 private:
  Result<StoreStats> count();

  const Options options_;
  std::unique_ptr<PqConnection> connection_;  // of who counts
  std::mutex mutex_;                          // of the rest
  bool counting_ = false;
  StoreStats last_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace penstock::postgres
