#include "postgres/pq_transaction.hpp"

#include <libpq-fe.h>

#include <string_view>

#include "base/failpoint.hpp"

namespace penstock::postgres {

Result<PqTransaction> PqTransaction::start(PqConnection& connection, const std::string& begin) {
  if (auto begun = connection.script(begin, "begin a transaction"); !begun) return begun.error();
  return PqTransaction(connection);
}

PqTransaction::~PqTransaction() {
  // A broken connection has rolled back already.
  if (connection_ != nullptr && !connection_->broken()) {
    if (auto undone = connection_->script("ROLLBACK", "roll back"); !undone) return;
  }
}

Result<void> PqTransaction::commit() {
  PqConnection* const connection = std::exchange(connection_, nullptr);
  failpoint("postgres.commit.before");
  const bool sent = connection->send("COMMIT");
  failpoint("postgres.commit.sent");
  auto done = connection->answer(sent, "commit");
  failpoint("postgres.commit.answered");
  if (!done) return done.error();
  // COMMIT of a transaction that failed before says ROLLBACK, and no error.
  if (std::string_view(PQcmdStatus(done->get())) != "COMMIT") {
    return Error{ErrorCode::unavailable, "Postgres rolled the transaction back instead of committing it.", ""};
  }
  return {};
}

}  // namespace penstock::postgres
