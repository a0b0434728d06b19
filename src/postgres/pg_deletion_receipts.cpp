#include "postgres/pg_deletion_receipts.hpp"

#include <algorithm>

#include "postgres/deletion_rows.hpp"

namespace penstock::postgres {
namespace {

// Nanoseconds since 1970 of a timestamptz; NULL stays NULL.
std::string ns_of(const std::string& column) { return "(extract(epoch FROM " + column + ") * 1000000)::bigint * 1000"; }

// Without its filter, which is sealed and which a receipt does not tell.
Deletion deletion_in(const pqxx::row& row) {
  auto deletion = deletion_of([&](int column) { return row[column].as<std::int64_t>(); }, [&](int column) { return row[column].as<std::string>(); });
  deletion.filter_json.clear();
  return deletion;
}

std::optional<Timestamp> time_in(const pqxx::row& row, int column) {
  if (row[column].is_null()) return std::nullopt;
  return Timestamp{row[column].as<std::int64_t>()};
}

}  // namespace

Result<std::vector<DeletionReceipt>> PgDeletionReceipts::read(const std::string& which, std::int64_t argument) {
  std::vector<DeletionReceipt> all;
  auto done = session_.transact("read receipts of deletions", [&](pqxx::work& transaction) {
    const auto rows = transaction.exec_params("SELECT " + std::string(kDeletionColumns) + ", coalesce(records, 0), " + ns_of("closed_at") + ", whole, coalesce(keys, 0) FROM deletion " + which, argument);
    for (const auto& row : rows) {
      DeletionReceipt& receipt = all.emplace_back();
      receipt.deletion = deletion_in(row);
      receipt.deletion.records = row[kDeletionColumnCount].as<std::uint64_t>();
      receipt.left_store_at = time_in(row, kDeletionColumnCount + 1);
      receipt.whole = row[kDeletionColumnCount + 2].as<bool>();
      receipt.keys = row[kDeletionColumnCount + 3].as<std::uint64_t>();
      for (const auto& journal : transaction.exec_params("SELECT c.journal_id, " + ns_of("d.left_at") + " FROM journal_cursor c LEFT JOIN deletion_journal d "
                                                         "ON d.journal_id = c.journal_id AND d.deletion_id = $1 ORDER BY c.journal_id", receipt.deletion.id)) {
        receipt.journals.push_back({JournalId{journal[0].as<std::int64_t>()}, time_in(journal, 1)});
      }
      // One that is older than the records is told too: when they came is not known here.
      Timestamp last = receipt.left_store_at.value_or(kLastTime);
      for (const auto& journal : receipt.journals) last = std::max(last, journal.left_at.value_or(kLastTime));
      for (const auto& backup : transaction.exec_params("SELECT " + ns_of("made_at") + ", journal_id, place FROM backup_made ORDER BY made_at")) {
        const Timestamp made{backup[0].as<std::int64_t>()};
        if (made <= last) receipt.backups.push_back({made, JournalId{backup[1].as<std::int64_t>()}, backup[2].as<std::string>()});
      }
    }
  });
  if (!done) return done.error();
  return all;
}

Result<std::optional<DeletionReceipt>> PgDeletionReceipts::receipt(std::int64_t id) {
  auto found = read("WHERE id = $1", id);
  if (!found) return found.error();
  if (found->empty()) return std::optional<DeletionReceipt>();
  return std::optional<DeletionReceipt>(std::move(found->front()));
}

Result<std::vector<DeletionReceipt>> PgDeletionReceipts::receipts(std::size_t at_most) {
  return read("ORDER BY id DESC LIMIT $1", static_cast<std::int64_t>(at_most));
}

Result<std::vector<Deletion>> PgDeletionReceipts::waiting_for(JournalId journal) {
  std::vector<Deletion> all;
  auto done = session_.transact("list deletions that a journal waits for", [&](pqxx::work& transaction) {
    // Of a whole deployment it is known for each journal where its records of afterwards begin, and each removes its own.
    for (const auto& row : transaction.exec_params("SELECT " + std::string(kDeletionColumns) + ", j.here FROM deletion LEFT JOIN "
                                                   "(SELECT deletion_id, left_at, removed_at, deletion_journal.before_sequence AS here FROM deletion_journal WHERE journal_id = $1) AS j "
                                                   "ON j.deletion_id = id WHERE closed_at IS NOT NULL AND j.left_at IS NULL AND (NOT whole OR j.removed_at IS NOT NULL) ORDER BY id",
                                                   journal.value)) {
      Deletion& deletion = all.emplace_back(deletion_in(row));
      if (row[kDeletionColumnCount].is_null()) continue;
      deletion.journal = journal;
      deletion.before = row[kDeletionColumnCount].as<Sequence>();
    }
  });
  if (!done) return done.error();
  return all;
}

Result<void> PgDeletionReceipts::left_journal(std::int64_t deletion, JournalId journal) {
  return session_.transact("note that a deletion's records left a journal", [&](pqxx::work& transaction) {
    transaction.exec_params("INSERT INTO deletion_journal (deletion_id, journal_id, left_at) SELECT id, $2, now() FROM deletion WHERE id = $1 "
                            "ON CONFLICT (deletion_id, journal_id) DO UPDATE SET left_at = now()", deletion, journal.value);
  });
}

Result<void> note_backup(const ConnectionOptions& options, Timestamp made_at, JournalId journal, const std::string& place) {
  PqxxSession session(options);
  return session.transact("note a backup", [&](pqxx::work& transaction) {
    // A database of before this step may be backed up too.
    if (transaction.exec("SELECT to_regclass('backup_made')")[0][0].is_null()) return;
    transaction.exec_params("INSERT INTO backup_made (made_at, journal_id, place) VALUES (to_timestamp($1::bigint / 1000000.0), $2, $3) ON CONFLICT DO NOTHING",
                            made_at.ns / 1000, journal.value, place);
  });
}

}  // namespace penstock::postgres
