// How much is stored, counted now and then.
#pragma once

#include <chrono>
#include <mutex>

#include "postgres/pg_chunk_store.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {

// Thread-safe.
class StoreCounts {
 public:
  explicit StoreCounts(const ConnectionOptions& options) : session_(options) {}

  // Counts when the last count is older than ten seconds; while the database is away, what was counted last, not
  // available.
  StoreStats get();

 private:
  PqxxSession session_;
  std::mutex mutex_;
  StoreStats last_;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace penstock::postgres
