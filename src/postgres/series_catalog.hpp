// The table `series`: every series once, and no two under one id, with the days from its first to its last sample.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/core/labels.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Stores those that are new, or have samples on new days, in the current transaction: whoever sends them remembers what was stored (the store
// sink's SeriesIndex). series_collision when one of them has the id of a different series.
Result<void> store_series(PqConnection& connection, const std::vector<SeenSeries>& series);

// "<deployment>/<id as 16 hex digits>".
std::string series_place(const std::string& deployment, SeriesId id);

}  // namespace penstock::postgres
