#include "postgres/deletion_list.hpp"

#include <string>

#include "postgres/deletion_rows.hpp"

namespace penstock::postgres {

Result<Deletion> DeletionList::add(const Deletion& deletion) {
  Deletion added = deletion;
  auto filter = seal_filter(sealer_, deletion);
  if (!filter) return filter.error();
  auto done = session_.transact("note a deletion", [&](pqxx::work& transaction) {
    added.id = transaction
                   .exec_params("INSERT INTO deletion (deployment, from_time, to_time, filter, journal_id, "
                                "before_sequence, created_at, records) "
                                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                                deletion.deployment, deletion.from.ns, deletion.to.ns, *filter,
                                deletion.journal.value, static_cast<std::int64_t>(deletion.before),
                                deletion.created_at.ns, static_cast<std::int64_t>(deletion.records))[0][0]
                   .as<std::int64_t>();
  });
  if (!done) return done.error();
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
