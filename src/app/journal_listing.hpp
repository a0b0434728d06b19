// What `penstock journal ls` prints.
#pragma once

#include <ostream>
#include <vector>

#include "config/config.hpp"
#include "journal/inspect.hpp"
#include "penstock/core/result.hpp"
#include "postgres/stored_cursors.hpp"

namespace penstock::app {

// Asks the configured database, or the private one when a server keeps it running; unavailable when neither can be asked.
Result<std::vector<postgres::StoredCursor>> store_cursors(const config::Config& config);

// A table of segments, then how far the store is with this journal.
void print_journal(std::ostream& out, const journal::JournalReport& report,
                   const Result<std::vector<postgres::StoredCursor>>& cursors);

}  // namespace penstock::app
