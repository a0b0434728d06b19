// A libpqxx session that is opened when first needed, and anew after it broke. What libpqxx throws becomes a Result
// here.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <pqxx/pqxx>
#include <string_view>

#include "penstock/core/result.hpp"
#include "postgres/connection_breaker.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

// Thread-safe: one piece of work at a time, others wait.
class PqxxSession {
 public:
  explicit PqxxSession(ConnectionOptions options) : options_(std::move(options)) {}

  // Runs `work` with a live connection. `doing` completes "Postgres could not …" in the error's message.
  Result<void> run(std::string_view doing, const std::function<void(pqxx::connection&)>& work);
  // The same inside a transaction that is committed when `work` returns.
  Result<void> transact(std::string_view doing, const std::function<void(pqxx::work&)>& work);

 private:
  const ConnectionOptions options_;
  std::mutex mutex_;
  ConnectionBreaker::Guard breakable_;
  std::unique_ptr<pqxx::connection> connection_;
};

}  // namespace penstock::postgres
