// Deployments that are deleted for good (tables deletion and deletion_journal, and all that hold something of a deployment).
#pragma once

#include <mutex>
#include <string>

#include "penstock/ports/deployment_removals.hpp"
#include "postgres/kept_connection.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

// Thread-safe: one call at a time. Keeps one connection from its first use on. The schema must be there (Migrations).
class PgDeploymentRemovals final : public DeploymentRemovals {
 public:
  explicit PgDeploymentRemovals(ConnectionOptions connection) : connection_(std::move(connection)) {}

  Result<std::int64_t> ask(const std::string& deployment, Timestamp at, const std::optional<JournalEnd>& here, const AuditEntry& entry) override;
  Result<std::vector<DeploymentRemoval>> open_for(JournalEnd journal) override;
  Result<void> carry_out(const DeploymentRemoval& removal, JournalId journal, Timestamp now) override;

  // What is stored of it goes now, by a command without a server; what its journal has the next start carries out. How many keys were destroyed.
  Result<std::uint64_t> destroy_stored(const DeploymentRemoval& removal, Timestamp now);

 private:
  Result<std::uint64_t> remove_portions(PqConnection& open, const std::string& deployment);
  Result<std::uint64_t> destroy(PqConnection& open, const DeploymentRemoval& removal, std::uint64_t removed, Timestamp now, bool close);

  std::mutex mutex_;
  KeptConnection connection_;
};

struct DestroyedDeployment {
  std::uint64_t keys = 0, records = 0;
};

// Within the caller's transaction: its keys, and all that the store holds of it, are gone.
Result<DestroyedDeployment> destroy_deployment(PqConnection& open, const std::string& deployment);

}  // namespace penstock::postgres
