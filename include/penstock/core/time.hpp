// Points in time as nanoseconds since the Unix epoch (UTC), and the forms in which requests and answers spell them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock {

struct Timestamp {
  std::int64_t ns = 0;  // nanoseconds since 1970-01-01T00:00:00Z, without leap seconds; 1677 to 2262
  auto operator<=>(const Timestamp&) const = default;
};

inline constexpr std::int64_t kSecond = 1'000'000'000;
inline constexpr std::int64_t kMinute = 60 * kSecond;
inline constexpr std::int64_t kHour = 60 * kMinute;
inline constexpr std::int64_t kDay = 24 * kHour;

// The UTC day a time lies in, counted from the epoch; rounds towards the past.
std::int32_t day_of(Timestamp time);

// RFC 3339 with any offset ("2026-11-20T13:33:00.123456789Z", also a blank for the T, a comma for the dot, and no offset,
// which is read as UTC), or digits as in parse_epoch.
Result<Timestamp> parse_timestamp(std::string_view text);

// An epoch whose unit is told by its magnitude: below 1e11 seconds, below 1e14 milli-, below 1e17 micro-, else nanoseconds.
Result<Timestamp> from_epoch(std::int64_t value);
// A decimal fraction is seconds when its magnitude is one of seconds, else the unit its magnitude tells.
Result<Timestamp> from_epoch(double value);

// What queries take: all of the above, "now", and "now-15m" / "now+1h30m" with units s, m, h, d, w.
Result<Timestamp> parse_query_time(std::string_view text, Timestamp now);
// "250ms", "90s", "15m", "1h30m", "7d", "2w"; a bare number is seconds. Returns nanoseconds, > 0.
Result<std::int64_t> parse_duration(std::string_view text);

// RFC 3339 in UTC with Z and as many of 0, 3, 6 or 9 fraction digits as the value needs.
std::string format_rfc3339(Timestamp time);
void append_rfc3339(std::string& out, Timestamp time);

}  // namespace penstock
