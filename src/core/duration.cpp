#include <charconv>
#include <optional>

#include "penstock/core/time.hpp"

namespace penstock {
namespace {

std::optional<std::int64_t> unit_ns(std::string_view unit) {
  if (unit == "ms") return 1'000'000;
  if (unit == "s") return kSecond;
  if (unit == "m") return kMinute;
  if (unit == "h") return kHour;
  if (unit == "d") return kDay;
  if (unit == "w") return 7 * kDay;
  return std::nullopt;
}

Error not_a_duration() {
  return {ErrorCode::invalid_request, "This is not a duration: give a number and a unit (250ms, 90s, 15m, 1h30m, 7d, 2w), more than zero.", ""};
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool bare = text.find_first_not_of("0123456789") == std::string_view::npos;
  while (at != end) {
    std::uint64_t count = 0;
    const auto [after, failure] = std::from_chars(at, end, count);
    if (failure != std::errc()) return not_a_duration();
    const char* unit_end = after;
    while (unit_end != end && *unit_end >= 'a' && *unit_end <= 'z') ++unit_end;
    const auto unit = bare ? std::optional<std::int64_t>(kSecond)
                           : unit_ns(std::string_view(after, static_cast<std::size_t>(unit_end - after)));
    std::int64_t part = 0;
    if (!unit || __builtin_mul_overflow(count, *unit, &part) || __builtin_add_overflow(total, part, &total)) return not_a_duration();
    at = unit_end;
  }
  if (total <= 0) return not_a_duration();
  return total;
}

Result<Timestamp> parse_query_time(std::string_view text, Timestamp now) {
  if (!text.starts_with("now")) return parse_timestamp(text);
  text.remove_prefix(3);
  if (text.empty()) return now;
  const bool back = text[0] == '-';
  if (!back && text[0] != '+') {
    return Error{ErrorCode::invalid_timestamp, "After \"now\" comes + or - and a duration: now-15m, now+1h30m.", ""};
  }
  const auto distance = parse_duration(text.substr(1));
  if (!distance) return Error{ErrorCode::invalid_timestamp, distance.error().message, ""};
  Timestamp result;
  if (__builtin_add_overflow(now.ns, back ? -*distance : *distance, &result.ns)) {
    return Error{ErrorCode::invalid_timestamp, "This time lies outside the years 1677 to 2262, which nanoseconds can tell.", ""};
  }
  return result;
}

}  // namespace penstock
