// Users, roles, tokens, sessions, settings and the audit log in Postgres (migration 0004).
#pragma once

#include <memory>
#include <mutex>

#include "penstock/ports/identity_store.hpp"
#include "postgres/options.hpp"
#include "postgres/pq_connection.hpp"

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
  class Session {
   public:
    explicit Session(const Options& options) : options_(options) {}
    Result<PqConnection*> open();
    std::mutex mutex;

   private:
    const Options options_;
    std::unique_ptr<PqConnection> connection_;
  };

  Session looks_, works_;
};

}  // namespace penstock::postgres
