// A transaction on a libpq session: rolled back unless committed.
#pragma once

#include <string>
#include <utility>

#include "penstock/core/result.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

class PqTransaction {
 public:
  // `begin`: "BEGIN" with its options.
  static Result<PqTransaction> start(PqConnection& connection, const std::string& begin = "BEGIN");
  ~PqTransaction();
  PqTransaction(PqTransaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}
  PqTransaction& operator=(PqTransaction&&) = delete;

  // When the connection breaks meanwhile (unavailable), the outcome is not known.
  Result<void> commit();

 private:
  explicit PqTransaction(PqConnection& connection) : connection_(&connection) {}

  PqConnection* connection_;
};

}  // namespace penstock::postgres
