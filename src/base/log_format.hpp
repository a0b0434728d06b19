// The two forms of a log line. Pure.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace penstock::log {

struct Line {
  std::chrono::system_clock::time_point time;
  std::string_view level, room, message;
  std::span<const Field> fields;
};

// 2026-11-20T13:33:00.123Z info journal Started segments=3 path="/var/lib/my data". Values with blanks, quotes or nothing in
// them are quoted; control characters (C0, DEL, C1) and bytes that are not UTF-8 come out as \xNN, so that nobody's text can start a line
// or steer a terminal.
std::string format_text(const Line& line);
// {"time":…,"level":…,"room":…,"message":…, then the fields}
std::string format_json(const Line& line);

}  // namespace penstock::log
