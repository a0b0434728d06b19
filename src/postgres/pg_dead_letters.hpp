// The dead letters of the chunk store (table dead_letter).
#pragma once

#include <memory>
#include <mutex>

#include "penstock/ports/dead_letter_store.hpp"
#include "postgres/options.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Thread-safe: one call at a time, others wait. Keeps one connection from its first use on. The schema must be there (Migrations).
class PgDeadLetters final : public DeadLetterStore {
 public:
  explicit PgDeadLetters(const Options& options) : options_(options) {}

  Result<std::vector<KeptDeadLetter>> list(RecordId after, std::size_t count, std::size_t bytes) override;
  Result<KeptDeadLetter> find(RecordId id) override;
  Result<void> take(RecordId id, const std::function<Result<void>(const DeadLetter&)>& use) override;

 private:
  Result<PqConnection*> connection();
  Result<KeptDeadLetter> one(RecordId id, bool hold);

  const Options options_;
  std::mutex mutex_;
  std::unique_ptr<PqConnection> connection_;
};

}  // namespace penstock::postgres
