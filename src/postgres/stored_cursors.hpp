// How far the store has come with each journal, for operators who look from outside.
#pragma once

#include <string>
#include <vector>

#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

struct StoredCursor {
  JournalId journal;
  Sequence position = 0;  // first sequence that is not in the store
  std::string moved_at;   // as Postgres spells it, UTC
};

// None when the schema is not there yet. Blocks at most connect_timeout for the connection. unavailable when there is none.
Result<std::vector<StoredCursor>> stored_cursors(const ConnectionOptions& options);

}  // namespace penstock::postgres
