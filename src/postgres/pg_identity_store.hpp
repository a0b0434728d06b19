// Users, roles, tokens, sessions, settings and the audit log in Postgres (migration 0004).
#pragma once

#include <mutex>

#include "penstock/ports/identity_store.hpp"
#include "postgres/kept_connection.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

// Two connections, each kept from its first use on: one to look for changes with, which must not wait behind the other's work. The schema must be
// there (Migrations).
class PgIdentityStore final : public IdentityStore {
 public:
  explicit PgIdentityStore(const Options& options) : looks_(options), works_(options) {}

  Result<std::int64_t> version() override;
  Result<Identities> load(Timestamp now) override;
  Result<std::int64_t> apply(std::int64_t seen, const std::vector<IdentityChange>& changes, const std::vector<AuditEntry>& entries) override;
  Result<void> note(const IdentityUse& use) override;

  Result<void> append(const std::vector<AuditEntry>& entries) override;
  Result<std::vector<AuditRow>> audit(const AuditQuery& query) override;
  Result<std::vector<AuditRow>> audit_chain(std::int64_t after, std::size_t count) override;
  Result<AuditHead> audit_head() override;

 private:
  struct Session {
    explicit Session(const Options& options);
    Result<PqConnection*> open() { return connection.open(); }
    std::mutex mutex;
    KeptConnection connection;
  };

  Session looks_, works_;
};

}  // namespace penstock::postgres
