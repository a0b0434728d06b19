// How much is stored, counted now and then.
#pragma once

#include <chrono>
#include <mutex>

#include "postgres/kept_connection.hpp"
#include "postgres/pg_chunk_store.hpp"

namespace penstock::postgres {

// Thread-safe.
class StoreCounts {
 public:
  explicit StoreCounts(const Options& options)
      : connection_(options.connection, [patience = options.read_answer](PqConnection& fresh) { fresh.set_answer_timeout(patience); }) {}

  // Counts when the last count is older than ten seconds, and waits for that at most Options::read_answer; while the database is away or
  // silent, what was counted last, not available. While one caller counts, others get what was counted last.
  StoreStats get();

 private:
  Result<StoreStats> count();

  KeptConnection connection_;  // of who counts
  std::mutex mutex_;           // of the rest
  bool counting_ = false;
  StoreStats last_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace penstock::postgres
