#include "postgres/deletion_list.hpp"

#include <string>

#include "base/failpoint.hpp"
#include "postgres/deletion_rows.hpp"
#include "postgres/identity_rows.hpp"
#include "postgres/pq_transaction.hpp"

namespace penstock::postgres {

Result<Deletion> DeletionList::add(const Deletion& deletion, const AuditEntry& entry) {
  Deletion added = deletion;
  auto filter = seal_filter(sealer_, deletion);
  if (!filter) return filter.error();
  const std::lock_guard lock(mutex_);
  auto open = adding_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  PqParams params;
  params.add(deletion.deployment).add(deletion.from.ns).add(deletion.to.ns).add(*filter).add(deletion.journal.value).add(static_cast<std::int64_t>(deletion.before));
  params.add(deletion.created_at.ns).add(static_cast<std::int64_t>(deletion.records));
  auto rows = (*open)->run("INSERT INTO deletion (deployment, from_time, to_time, filter, journal_id, before_sequence, created_at, records) VALUES ($1::text, $2::bigint, "
                           "$3::bigint, $4::text, $5::bigint, $6::bigint, $7::bigint, $8::bigint) RETURNING id",
                           "note a deletion", params);
  if (!rows) return rows.error();
  added.id = rows->number(0, 0);
  if (!entry.action.empty()) {
    if (auto told = append_audit(**open, {entry}); !told) return told.error();
  }
  failpoint("postgres.deletion.noted");
  if (auto done = transaction->commit(); !done) return done.error();
  failpoint("postgres.deletion.committed");
  return added;
}

Result<std::vector<Deletion>> DeletionList::open() {
  std::vector<Deletion> all;
  auto done = session_.transact("list deletions", [&](pqxx::work& transaction) {
    for (const auto& row :
         transaction.exec(std::string("SELECT ") + kDeletionColumns +
                          " FROM deletion WHERE closed_at IS NULL AND NOT whole ORDER BY id")) {
      all.push_back(deletion_of([&](int column) { return row[column].as<std::int64_t>(); },
                                [&](int column) { return row[column].as<std::string>(); }));
    }
  });
  if (!done) return done.error();
  for (Deletion& deletion : all) {
    if (auto opened = open_filter(sealer_, deletion); !opened) return opened.error();
  }
  return all;
}

Result<void> DeletionList::close(std::int64_t id) {
  return session_.transact("close a deletion", [id](pqxx::work& transaction) {
    transaction.exec_params("UPDATE deletion SET closed_at = now() WHERE id = $1 AND closed_at IS NULL", id);
    // An administrator may look back for a while; the audit keeps what must be kept.
    transaction.exec("DELETE FROM deletion WHERE closed_at < now() - interval '30 days' AND NOT whole");
    transaction.exec("DELETE FROM deletion_journal WHERE deletion_id NOT IN (SELECT id FROM deletion)");
  });
}

}  // namespace penstock::postgres
