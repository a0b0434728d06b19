// Connections for snapshots: opened when needed, at most so many, handed out one a snapshot.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "penstock/core/result.hpp"
#include "postgres/options.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Thread-safe. Must outlive its leases.
class ReadPool {
 public:
  // A connection on loan; comes back by itself, and is closed instead when it broke.
  class Lease {
   public:
    Lease(ReadPool& pool, std::unique_ptr<PqConnection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    ~Lease();
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    // Closes the connection instead of giving it back.
    void discard();
    PqConnection& operator*() const { return *connection_; }
    PqConnection* operator->() const { return connection_.get(); }

   private:
    ReadPool* pool_;
    std::unique_ptr<PqConnection> connection_;
  };

  explicit ReadPool(const Options& options) : options_(options) {}

  // overloaded when none is free within read_wait; unavailable when the database cannot be reached.
  Result<Lease> take();
  // Closes the connections that are not on loan; the next take() opens new ones.
  void close_idle();
  // A read found the database silent: the next ones fail at once for a while.
  void note_silence(const Error& error);

 private:
  void failed(const Error& error);
  void give_back(std::unique_ptr<PqConnection> connection, bool reusable);

  const Options options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<PqConnection>> idle_;
  std::size_t open_ = 0;  // idle or on loan
  std::optional<Error> failure_;
  std::chrono::steady_clock::time_point retry_at_{};
  std::chrono::milliseconds pause_{0};
  bool trying_ = false;  // somebody connects again after a failure; the others do not wait for that
};

}  // namespace penstock::postgres
