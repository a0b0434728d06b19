#include "auth/audit_verify.hpp"

namespace penstock::auth {

Result<AuditVerdict> verify_audit(IdentityStore& store) {
  constexpr std::size_t kPage = 1000;
  AuditCheck check;
  std::int64_t looked_again_at = -1;
  for (;;) {
    const auto rows = store.audit_chain(check.last().id, kPage);
    if (!rows) return rows.error();
    for (const AuditRow& row : *rows) {
      if (auto fits = check.add(row); !fits) return AuditVerdict{check.last(), fits.error()};
    }
    if (!rows->empty()) continue;
    // A row and the head it moves are committed as one, so rows of before the head was read are up to it at least.
    const auto head = store.audit_head();
    if (!head) return head.error();
    if (head->id > check.last().id && looked_again_at != check.last().id) {
      looked_again_at = check.last().id;  // written since: they are there when we look again
      continue;
    }
    if (auto fits = check.finish(*head); !fits) return AuditVerdict{check.last(), fits.error()};
    return AuditVerdict{check.last(), std::nullopt};
  }
}

}  // namespace penstock::auth
