// Whether the audit log is as it was written.
#pragma once

#include <optional>

#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

struct AuditVerdict {
  AuditHead head;                // up to where it is sound
  std::optional<Error> problem;  // what is wrong then
};

// Reads all of it, a page at a time. An error: it could not be read.
Result<AuditVerdict> verify_audit(IdentityStore& store);

}  // namespace penstock::auth
