// Rows of the table `deletion`.
#pragma once

#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "postgres/pq_result.hpp"

namespace penstock::postgres {

// The columns that read_deletions() expects, in its order.
extern const char* const kDeletionColumns;

std::vector<Deletion> read_deletions(const PqResult& rows);

}  // namespace penstock::postgres
