// The dead letters of the chunk store (table dead_letter).
#pragma once

#include <mutex>

#include "penstock/ports/dead_letter_store.hpp"
#include "postgres/kept_connection.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

// Thread-safe: one call at a time, others wait. Keeps one connection from its first use on. The schema must be there (Migrations).
class PgDeadLetters final : public DeadLetterStore {
 public:
  explicit PgDeadLetters(const Options& options);

  Result<std::vector<KeptDeadLetter>> list(RecordId after, std::size_t count, std::size_t bytes) override;
  Result<KeptDeadLetter> find(RecordId id) override;
  Result<void> take(RecordId id, const AuditEntry& entry, const std::function<Result<void>(const DeadLetter&)>& use) override;

 private:

  std::mutex mutex_;
  KeptConnection connection_;
};

}  // namespace penstock::postgres
