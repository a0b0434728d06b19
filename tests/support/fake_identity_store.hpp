// Identities in memory, as the real store keeps them.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "penstock/ports/identity_store.hpp"

namespace penstock::test {

// Thread-safe. Starts with the built-in roles.
class FakeIdentityStore final : public IdentityStore {
 public:
  FakeIdentityStore();

  Result<std::int64_t> version() override;
  Result<Identities> load(Timestamp now) override;
  Result<std::int64_t> apply(std::int64_t seen, const std::vector<IdentityChange>& changes, const std::vector<AuditEntry>& entries) override;
  Result<void> note(const IdentityUse& use) override;
  Result<void> append(const std::vector<AuditEntry>& entries) override;
  Result<std::vector<AuditRow>> audit(const AuditQuery& query) override;
  Result<std::vector<AuditRow>> audit_chain(std::int64_t after, std::size_t count) override;
  Result<AuditHead> audit_head() override;

  // Everything fails with `unavailable` while it is true.
  std::atomic<bool> away{false};
  std::atomic<int> looks{0}, loads{0};
  // As somebody else's change between a look and an apply(): called once, before the next apply().
  std::function<void(Identities&)> meanwhile;
  std::vector<AuditEntry> told() const;  // all of the audit log

 private:
  Result<void> there() const;
  void write(const std::vector<AuditEntry>& entries);

  mutable std::mutex mutex_;
  Identities now_;
  std::int64_t next_grant_ = 100, next_declaration_ = 1;
  std::vector<AuditRow> audit_;
};

}  // namespace penstock::test
