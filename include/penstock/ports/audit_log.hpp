// Where it is told who did what.
#pragma once

#include "penstock/core/audit.hpp"

namespace penstock {

// Thread-safe; does not block. An entry without a time gets the present one. What was told is in the store within moments; while that is away it waits in
// memory, and past a bound what comes then is counted, told in the own log, and lost: whoever must not act untold writes in its own transaction instead.
class AuditLog {
 public:
  virtual ~AuditLog() = default;
  virtual void tell(AuditEntry entry) = 0;
};

}  // namespace penstock
