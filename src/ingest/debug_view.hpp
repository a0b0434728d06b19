// The answer to ?debug=1: what would be stored.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ingest/report.hpp"

namespace penstock::ingest {

// {"accepted":…,"rejected":…,"errors":[…],"truncated":false,"records":[…]} with the batch's records as they would be stored, in order: a log as
// {"kind":"log","timestamp","received_at","deployment","source","severity","message","fields":{}}, a point as
// {"kind":"metric","timestamp","received_at","deployment","source","labels":{},"metrics":{}}. The list ends, and truncated is true, before
// the answer would pass `max_bytes`.
std::string debug_json(std::string_view batch, const IngestReport& report, std::size_t max_bytes = std::size_t{1} << 20);

}  // namespace penstock::ingest
