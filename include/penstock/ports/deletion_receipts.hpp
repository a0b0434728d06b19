// What became of deletions of logs: when the records left the store and the journals, and which backups may still hold them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/core/deletion.hpp"
#include "penstock/core/result.hpp"

namespace penstock {

struct DeletionReceipt {
  struct InJournal {
    JournalId journal;
    std::optional<Timestamp> left_at;  // nothing of what was deleted is in it any more
  };
  struct InBackup {
    Timestamp made_at;
    JournalId journal;   // of the server whose backup it is
    std::string place;   // the folder it was made in, on that server
  };

  Deletion deletion;       // without its filter
  bool whole = false;      // the deployment itself (DeploymentRemovals): metrics and dead letters too, and its keys
  std::uint64_t keys = 0;  // of a whole one: how many were destroyed
  std::optional<Timestamp> left_store_at;  // of the chunks too; until then answers leave the records out
  std::vector<InJournal> journals;         // every journal that the store knows
  std::vector<InBackup> backups;           // made before the records had left store and journals: whoever keeps them has them still

  // From the store and every journal.
  bool gone() const {
    return left_store_at && std::all_of(journals.begin(), journals.end(), [](const InJournal& in) { return in.left_at.has_value(); });
  }
};

// Thread-safe; every call may block. Receipts of closed deletions are kept for 30 days, of whole deployments for ever. Errors: unavailable, internal.
class DeletionReceipts {
 public:
  virtual ~DeletionReceipts() = default;
  virtual Result<std::optional<DeletionReceipt>> receipt(std::int64_t id) = 0;
  // The newest first.
  virtual Result<std::vector<DeletionReceipt>> receipts(std::size_t at_most) = 0;
  // Deletions that the store has carried out, and of which this journal may still hold records.
  virtual Result<std::vector<Deletion>> waiting_for(JournalId journal) = 0;
  virtual Result<void> left_journal(std::int64_t deletion, JournalId journal) = 0;
};

}  // namespace penstock
