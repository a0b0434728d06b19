#include "postgres/stored_cursors.hpp"

#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

Result<std::vector<StoredCursor>> stored_cursors(const ConnectionOptions& options) {
  auto open = PqConnection::open(options);
  if (!open) return open.error();
  auto there = (*open)->run("SELECT (to_regclass('journal_cursor') IS NOT NULL)::integer", "look for the cursors");
  if (!there) return there.error();
  if (there->number(0, 0) == 0) return std::vector<StoredCursor>();
  auto rows = (*open)->run("SELECT journal_id, position, moved_at::text FROM journal_cursor ORDER BY journal_id",
                           "read the cursors");
  if (!rows) return rows.error();
  std::vector<StoredCursor> cursors;
  for (int row = 0; row < rows->rows(); ++row) {
    cursors.push_back({JournalId{rows->number(row, 0)}, static_cast<Sequence>(rows->number(row, 1)),
                       std::string(rows->bytes(row, 2))});
  }
  return cursors;
}

}  // namespace penstock::postgres
