// The time that a line of a log file begins with.
#pragma once

#include <optional>
#include <string_view>

#include "penstock/core/time.hpp"

namespace penstock::agent {

// At the line's start, a '[' or the <priority> of syslog before it allowed:
//   2026-11-20 13:33:00, 2026-11-20T13:33:00.123Z, 2026/11/20 13:33:00,123 +0100   (ISO 8601 and what Go, nginx, Python, Java write)
//   Nov 20 13:33:00                                                               (RFC 3164; the year in which it lies nearest to `now`)
// or in the first 256 bytes, in brackets:
//   [20/Nov/2026:13:33:00 +0000]                                                  (the common log format of web servers)
// Without a zone it is this machine's local time, as TZ says. nullopt: the line tells no time. Any thread.
std::optional<Timestamp> line_time(std::string_view line, Timestamp now);

}  // namespace penstock::agent
