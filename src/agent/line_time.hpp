// The time that a line of a log file begins with.
#pragma once

#include <optional>
#include <string_view>

#include "penstock/core/time.hpp"

namespace penstock::agent {

// A time further ahead of the reading is taken for none: half of what a server takes by default (ingest.max_ahead), since its clock may be behind.
inline constexpr std::int64_t kFarthestAhead = 5 * kMinute;

// In one of the forms of leading_time(), in brackets or quotes or not, where programs put it:
//   at the line's start, behind the <priority> (and version) of syslog, behind a severity ("INFO  [main] 2026-…", "I, [2026-…") or Redis' process,
//   as time=, ts=, t=, timestamp= or date= (logfmt) or msg=audit(…, or in brackets as web servers write it ([20/Nov/2026:13:33:00 +0000],
//   [Fri Nov 20 13:33:00 2026]); the last two within the first 256 bytes.
// Without a zone it is this machine's local time. A time too far ahead, or whose zone is not sure, is none: a server
// refuses what is too far ahead, and the time of reading is nearer. nullopt: the line tells no time. Any thread.
std::optional<Timestamp> line_time(std::string_view line, Timestamp now);

}  // namespace penstock::agent
