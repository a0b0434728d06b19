#include "postgres/pg_dead_letters.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "postgres/identity_rows.hpp"
#include "postgres/pq_transaction.hpp"

namespace penstock::postgres {
namespace {

constexpr const char* kColumns =
    "journal_id, sequence, reason, detail, batch, (extract(epoch FROM created_at) * 1000000)::bigint";

std::int64_t bounded(std::uint64_t number) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(number, std::numeric_limits<std::int64_t>::max()));
}

PqParams params_of(RecordId id) {
  PqParams params;
  params.add(id.journal.value).add(bounded(id.sequence));
  return params;
}

KeptDeadLetter letter_of(const PqResult& rows, int row) {
  KeptDeadLetter kept;
  kept.letter.journal.value = rows.number(row, 0);
  kept.letter.sequence = static_cast<Sequence>(rows.number(row, 1));
  kept.letter.reason = rows.bytes(row, 2);
  kept.letter.detail = rows.bytes(row, 3);
  kept.letter.batch = rows.bytes(row, 4);
  kept.kept_at.ns = rows.number(row, 5) * 1000;
  return kept;
}

Result<KeptDeadLetter> one(PqConnection& open, RecordId id, bool hold) {
  auto rows = open.run("SELECT " + std::string(kColumns) +
                                   " FROM dead_letter WHERE journal_id = $1::bigint AND sequence = $2::bigint" +
                                   (hold ? " FOR UPDATE" : ""),
                               "read a dead letter", params_of(id));
  if (!rows) return rows.error();
  if (rows->rows() == 0) {
    return Error{ErrorCode::not_found, "There is no dead letter " + to_string(id) + " (any more).", "id"};
  }
  return letter_of(*rows, 0);
}

}  // namespace

PgDeadLetters::PgDeadLetters(const Options& options)
    // Longer than a lock is waited for.
    : connection_(options.connection, [patience = options.connection.lock_timeout + options.read_answer](PqConnection& fresh) { fresh.set_answer_timeout(patience); }) {}

Result<std::vector<KeptDeadLetter>> PgDeadLetters::list(RecordId after, std::size_t count, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  PqParams params = params_of(after);
  params.add(bounded(count)).add(bounded(bytes));
  const std::string page =
      "SELECT *, sum(octet_length(batch)) OVER (ORDER BY journal_id, sequence) - octet_length(batch) AS before FROM "
      "(SELECT * FROM dead_letter WHERE (journal_id, sequence) > ($1::bigint, $2::bigint) "
      "ORDER BY journal_id, sequence LIMIT $3::bigint) AS page";
  auto rows = (*open)->run("SELECT " + std::string(kColumns) + " FROM (" + page +
                               ") AS sized WHERE before < $4::bigint ORDER BY journal_id, sequence",
                           "list dead letters", params);
  if (!rows) return rows.error();
  std::vector<KeptDeadLetter> letters;
  for (int row = 0; row < rows->rows(); ++row) letters.push_back(letter_of(*rows, row));
  return letters;
}

Result<KeptDeadLetter> PgDeadLetters::find(RecordId id) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  return one(**open, id, false);
}

Result<void> PgDeadLetters::take(RecordId id, const AuditEntry& entry, const std::function<Result<void>(const DeadLetter&)>& use) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  auto kept = one(**open, id, true);
  if (!kept) return kept.error();
  if (auto used = use(kept->letter); !used) return used;
  auto gone = (*open)->run("DELETE FROM dead_letter WHERE journal_id = $1::bigint AND sequence = $2::bigint",
                           "remove a dead letter", params_of(id));
  if (!gone) return gone.error();
  if (!entry.action.empty()) {
    if (auto told = append_audit(**open, {entry}); !told) return told;
  }
  return transaction->commit();
}

}  // namespace penstock::postgres
