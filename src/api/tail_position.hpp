// How far a live tail has come, as the `id:` of its events: what a client gives back as Last-Event-ID to go on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/ids.hpp"

namespace penstock::api {

// "ID": everything up to that record was handed out. "ID:END:CURSOR": of what arrived after that record and before the sequence END, which is
// handed out by time, everything up to the cursor (query/page_cursor.hpp) was.
struct TailPosition {
  RecordId after;
  Sequence end = 0;  // 0: nothing is being caught up
  std::string cursor;
};

std::string to_string(const TailPosition& position);
std::optional<TailPosition> parse_tail_position(std::string_view text);

}  // namespace penstock::api
