// Acts of callers in the audit log.
#pragma once

#include "http/message.hpp"
#include "penstock/core/audit.hpp"
#include "penstock/core/principal.hpp"

namespace penstock::api {

// Who and from where; the rest is the act's.
inline AuditEntry by_caller(const Principal& principal, const http::RequestHead& head) {
  AuditEntry entry;
  entry.actor = principal.name;
  entry.address = head.peer;
  return entry;
}

}  // namespace penstock::api
