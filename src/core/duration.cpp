#include <charconv>
#include <limits>
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

constexpr std::int64_t kLongest = std::numeric_limits<std::int64_t>::max();

Error not_a_duration() {
  return {ErrorCode::invalid_request, "This is not a duration: give a number and a unit (250ms, 90s, 15m, 1.5h, 1h30m, 7d, 2w), more than zero.", ""};
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool bare = text.find_first_not_of("0123456789") == std::string_view::npos;
  while (at != end) {
    std::uint64_t count = 0;
    auto [after, failure] = std::from_chars(at, end, count);
    if (failure != std::errc()) return not_a_duration();
    double fraction = 0;
    if (after != end && *after == '.') {
      const auto [fraction_end, problem] = std::from_chars(after, end, fraction, std::chars_format::fixed);
      if (problem != std::errc() || fraction_end == after + 1) return not_a_duration();
      after = fraction_end;
    }
    const char* unit_end = after;
    while (unit_end != end && *unit_end >= 'a' && *unit_end <= 'z') ++unit_end;
    const auto unit = bare ? std::optional<std::int64_t>(kSecond)
                           : unit_ns(std::string_view(after, static_cast<std::size_t>(unit_end - after)));
    if (!unit) return not_a_duration();
    // Longer than an int64 can tell is as long as it can.
    std::int64_t part = 0;
    if (__builtin_mul_overflow(count, *unit, &part)) part = kLongest;
    const auto rest = static_cast<std::int64_t>(fraction * static_cast<double>(*unit));
    if (__builtin_add_overflow(total, part, &total) || __builtin_add_overflow(total, rest, &total)) total = kLongest;
    at = unit_end;
  }
  if (total <= 0) return not_a_duration();
  return total;
}

}  // namespace penstock
