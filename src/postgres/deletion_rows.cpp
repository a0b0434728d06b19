#include "postgres/deletion_rows.hpp"

namespace penstock::postgres {

const char* const kDeletionColumns =
    "id, deployment, from_time, to_time, filter, journal_id, before_sequence, created_at";

std::vector<Deletion> read_deletions(const PqResult& rows) {
  std::vector<Deletion> all;
  for (int row = 0; row < rows.rows(); ++row) {
    Deletion d;
    d.id = rows.number(row, 0);
    d.deployment = std::string(rows.bytes(row, 1));
    d.from.ns = rows.number(row, 2);
    d.to.ns = rows.number(row, 3);
    d.filter_json = std::string(rows.bytes(row, 4));
    d.journal.value = rows.number(row, 5);
    d.before = static_cast<Sequence>(rows.number(row, 6));
    d.created_at.ns = rows.number(row, 7);
    all.push_back(std::move(d));
  }
  return all;
}

}  // namespace penstock::postgres
