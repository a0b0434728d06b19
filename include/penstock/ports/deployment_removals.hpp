// Deleting deployments for good: their keys are destroyed, and with them whatever was sealed; everything that is stored of them is removed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "penstock/core/audit.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"

namespace penstock {

// As one journal sees it: its records below `before` go, those from there on came afterwards and stay.
struct DeploymentRemoval {
  std::int64_t id = 0;  // of the receipt (DeletionReceipts)
  std::string deployment;
  Sequence before = 0;
};

// Where a journal ends.
struct JournalEnd {
  JournalId journal;
  Sequence end = 0;
};

// Thread-safe; every call may block. unavailable: try again later; after it the thing may have been done or not.
//
// It is asked for once, and carried out for each journal, by the server that has it: when everything below `before` was delivered to the store, so that
// nothing of it comes later. The first to carry it out destroys the keys and removes all there is, whose journal it ever came through; who comes
// later removes what its own journal brought meanwhile.
class DeploymentRemovals {
 public:
  virtual ~DeploymentRemovals() = default;
  // Durably, with the audit entry. `here`: for that journal `before` is this; for others, and without it, where they end when they first look. Gives the receipt's id.
  virtual Result<std::int64_t> ask(const std::string& deployment, Timestamp at, const std::optional<JournalEnd>& here, const AuditEntry& entry) = 0;
  // Those that were not carried out for this journal; of one that is seen first now `before` is `end`, durably.
  virtual Result<std::vector<DeploymentRemoval>> open_for(JournalEnd journal) = 0;
  // With an audit entry of `now` when it was the first. Done again, it does no harm.
  virtual Result<void> carry_out(const DeploymentRemoval& removal, JournalId journal, Timestamp now) = 0;
};

}  // namespace penstock
