// What is too old, or too much, goes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/ports/chunk_maintenance.hpp"
#include "postgres/freed_space.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {

// Ages first, day by day from the oldest, each day in a transaction of its own; then sizes, then old dead letters. `freed` learns what was
// removed from partitions that stay.
Result<RetentionReport> apply_retention(PqxxSession& session, const std::vector<RetentionRule>& rules, Timestamp now,
                                        std::size_t dead_letters_kept, FreedSpace& freed);

// About what that would remove now: of chunks of one day and several deployments that share a limit of size others may be the ones to go.
Result<RetentionReport> expiring(PqxxSession& session, const std::vector<RetentionRule>& rules, Timestamp now);

}  // namespace penstock::postgres
