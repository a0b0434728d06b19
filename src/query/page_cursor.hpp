// The place in an ordered answer after which the next page begins, as opaque text.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"
#include "query/log_query.hpp"

namespace penstock::query {

// Answers are ordered by this: unique for every record.
struct RowKey {
  Timestamp timestamp;
  JournalId journal;
  Sequence sequence = 0;
  auto operator<=>(const RowKey&) const = default;
};

// base64url of a version, a hash of the query (filters and direction; not its range, so that "the last hour" may move
// on between pages), and the key of the last row.
std::string encode_cursor(const LogQuery& query, const RowKey& last);
// invalid_request when the text is not a cursor, or one of another query.
Result<RowKey> decode_cursor(const LogQuery& query, std::string_view text);

}  // namespace penstock::query
