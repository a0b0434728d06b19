// The rows of identities and of the audit log, read and written on an open connection. Callers hold the transaction.
#pragma once

#include <vector>

#include "penstock/ports/identity_store.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

Result<Identities> read_identities(PqConnection& open, Timestamp now);
Result<void> write_change(PqConnection& open, const IdentityChange& change);
// At the end of the chain, which is held until the transaction ends.
Result<void> append_audit(PqConnection& open, const std::vector<AuditEntry>& entries);
// `where` with its parameters; all columns of the rows in that order.
Result<std::vector<AuditRow>> read_audit(PqConnection& open, const std::string& where_and_order, const PqParams& params);

}  // namespace penstock::postgres
