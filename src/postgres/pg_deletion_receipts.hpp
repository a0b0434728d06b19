// Receipts of deletions (tables deletion, deletion_journal, backup_made).
#pragma once

#include <string>

#include "penstock/ports/deletion_receipts.hpp"
#include "postgres/options.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {

// Thread-safe: one call at a time. The schema must be there (Migrations).
class PgDeletionReceipts final : public DeletionReceipts {
 public:
  explicit PgDeletionReceipts(const ConnectionOptions& options) : session_(options) {}

  Result<std::optional<DeletionReceipt>> receipt(std::int64_t id) override;
  Result<std::vector<DeletionReceipt>> receipts(std::size_t at_most) override;
  Result<std::vector<Deletion>> waiting_for(JournalId journal) override;
  Result<void> left_journal(std::int64_t deletion, JournalId journal) override;

 private:
  Result<std::vector<DeletionReceipt>> read(const std::string& which, std::int64_t argument);

  PqxxSession session_;
};

// Notes that a backup was made, for receipts: what it holds a deletion does not reach.
Result<void> note_backup(const ConnectionOptions& options, Timestamp made_at, JournalId journal, const std::string& place);

}  // namespace penstock::postgres
