// Points in time as nanoseconds since the Unix epoch (UTC), and the forms in which requests and answers spell them.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <optional>
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

inline constexpr Timestamp kFirstTime{std::numeric_limits<std::int64_t>::min()}, kLastTime{std::numeric_limits<std::int64_t>::max()};
// The first or last time there is where the sum lies outside.
inline Timestamp saturating_add(Timestamp time, std::int64_t by) {
  Timestamp sum;
  return __builtin_add_overflow(time.ns, by, &sum.ns) ? (by < 0 ? kFirstTime : kLastTime) : sum;
}

// The UTC day a time lies in, counted from the epoch; rounds towards the past.
std::int32_t day_of(Timestamp time);

// How a time is read where its text leaves something open.
struct TimeSense {
  // Tells the year of a time without one: the last in which it lies in the past, or at most a day ahead. Tells the order of numbers such as
  // 5/4/2026 in the same way. Without it such a text is no time.
  std::optional<Timestamp> now;
  // Without a zone it is this machine's time, as TZ says; else UTC.
  bool local = false;
};

// The whole of a text, blanks around it apart. RFC 3339 with any offset ("2026-11-20T13:33:00.123456789Z", also a blank for the T, a comma for
// the dot, and no offset, which is read as UTC) and digits as in from_epoch() cost what they always did; what is neither may have another form
// that programs write (leading_time() lists them).
Result<Timestamp> parse_timestamp(std::string_view text);
Result<Timestamp> parse_timestamp(std::string_view text, const TimeSense& sense);

// A time at the start of a text, and how many bytes tell it, zone included.
struct LeadingTime {
  Timestamp time;
  std::size_t size = 0;
};
// The forms, by their writers; a day of the week may stand before:
//   2026-11-20T13:33:00.123Z, 2026/11/20 13:33, 2026.11.20 13:33:00,123 +0100, 2026-11-20-13.33.00.123   ISO 8601, Go, Python, Java, Samba, Db2
//   20261120T133300Z, 20261120 13:33:00, 20261120133300, 081109 203615                                  basic ISO 8601, HDFS, old MySQL
//   20 Nov 2026 13:33:00 +0100, 20-Nov-26 13:33:00 GMT, 20/Nov/2026:13:33:00 +0000                       RFC 2822 and 850, Redis, PHP, web servers
//   Nov 20 13:33:00, Nov 20, 2026 1:33:00 PM, Nov 20 13:33:00 UTC 2026, Nov 20 2026 13:33:00 GMT+0100    RFC 3164, Java, ctime, date, JavaScript
//   20.11.2026 13:33:00, 11/20/2026 1:33:00 PM, 26/11/20 13:33:00, 11-20 13:33:00.123                    Spark (year first), Android (no year)
//   I1120 13:33:00.123456, 1795181580.123, /Date(1795181580123)/                                         klog and glog, Squid, .NET
// Seconds may be absent where the year is told. Zones: Z, UTC, GMT, offsets (+01, +0100, +01:00, GMT+1), a [Zone/Name] behind one, and names that
// mean one offset wherever they are used (CET, JST); in local sense this machine's own names too. nullopt also when the zone's name is used for
// several (CST, IST): no time is better than one hours off. Any thread.
std::optional<LeadingTime> leading_time(std::string_view text, const TimeSense& sense);

// How programs spell that there is no time: nothing, 0, null, -, and the first moment of the year 1 (Go's and .NET's zero), 0 or 1970, as text
// or as an epoch. Asked when a text is no time, or the time is 0.
bool is_unset_time(std::string_view text);

// An epoch whose unit is told by its magnitude: below 1e11 seconds, below 1e14 milli-, below 1e17 micro-, else nanoseconds.
Result<Timestamp> from_epoch(std::int64_t value);
// A decimal fraction is seconds when its magnitude is one of seconds, else the unit its magnitude tells.
Result<Timestamp> from_epoch(double value);

// What queries take: all of the above, a date alone (its beginning in UTC) or without seconds, and "now" followed by steps: "now-15m", "now+1h30m",
// "now-1M" (a month by the calendar), "now/d" (the day's beginning; weeks begin on Monday), with units s, m, h, d, w, M, y. What lies outside of what
// nanoseconds can tell is the first or last instant that they can.
Result<Timestamp> parse_query_time(std::string_view text, Timestamp now);
// "250ms", "90s", "15m", "1.5h", "1h30m", "7d", "2w"; a bare number is seconds. Returns nanoseconds, > 0.
Result<std::int64_t> parse_duration(std::string_view text);

// RFC 3339 in UTC with Z and as many of 0, 3, 6 or 9 fraction digits as the value needs.
std::string format_rfc3339(Timestamp time);
void append_rfc3339(std::string& out, Timestamp time);

}  // namespace penstock
