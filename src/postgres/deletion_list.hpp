// The table `deletion`: what answers leave out until it is gone from the chunks.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"
#include "postgres/kept_connection.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {

// Thread-safe.
class DeletionList {
 public:
  // Null: filters are kept as they are.
  DeletionList(const ConnectionOptions& options, Sealer* sealer) : session_(options), adding_(options), sealer_(sealer) {}

  // Its id is assigned here. With the audit entry in one transaction, where that has an action.
  Result<Deletion> add(const Deletion& deletion, const AuditEntry& entry);
  Result<std::vector<Deletion>> open();
  Result<void> close(std::int64_t id);

 private:
  PqxxSession session_;
  std::mutex mutex_;
  KeptConnection adding_;
  Sealer* const sealer_;
};

}  // namespace penstock::postgres
