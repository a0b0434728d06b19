// Reading of timestamps. On the path of every record: no allocation, no locale, no strptime.
#include <charconv>
#include <cmath>
#include <limits>

#include "core/civil.hpp"
#include "penstock/core/time.hpp"

namespace penstock {
namespace {

constexpr std::int64_t kMaxNs = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMinNs = std::numeric_limits<std::int64_t>::min();

Error not_a_time() {
  return {ErrorCode::invalid_timestamp,
          "This is not a time: give RFC 3339 (2026-11-20T13:33:00Z) or a Unix epoch in seconds, milli-, micro- or nanoseconds.", ""};
}
Error out_of_range() {
  return {ErrorCode::invalid_timestamp, "This time lies outside the years 1677 to 2262, which nanoseconds can tell.", ""};
}

// The value of `count` digits, or -1 when one of them is none.
std::int32_t digits(const char* at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<std::uint32_t>(at[i]) - '0';
    if (digit > 9) return -1;
    value = value * 10 + digit;
  }
  return static_cast<std::int32_t>(value);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The fraction after the dot in nanoseconds; digits past the ninth are cut off. Moves `at` past it; -1 when there is no digit.
std::int64_t fraction_ns(const char*& at, const char* end) {
  std::int64_t value = 0, scale = kSecond;
  const char* const start = at;
  for (; at != end && is_digit(*at); ++at) {
    if (scale > 1) {
      scale /= 10;
      value += (*at - '0') * scale;
    }
  }
  return at == start ? -1 : value;
}

// "", "Z", "+hh:mm", "+hhmm" up to the end of the text, in seconds.
bool parse_offset(const char* at, const char* end, std::int64_t& out) {
  out = 0;
  if (at == end) return true;
  if (end - at == 1) return *at == 'Z' || *at == 'z';
  if (*at != '+' && *at != '-') return false;
  const bool with_colon = end - at == 6 && at[3] == ':';
  if (!with_colon && end - at != 5) return false;
  const std::int32_t hours = digits(at + 1, 2), minutes = digits(at + (with_colon ? 4 : 3), 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  out = (*at == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  return true;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const std::int32_t year = digits(at, 4), month = digits(at + 5, 2), day = digits(at + 8, 2);
  const std::int32_t hour = digits(at + 11, 2), minute = digits(at + 14, 2), second = digits(at + 17, 2);
  const bool separators = at[4] == '-' && at[7] == '-' && (at[10] == 'T' || at[10] == ' ' || at[10] == 't') && at[13] == ':' && at[16] == ':';
  if (!separators || (year | month | day | hour | minute | second) < 0) return not_a_time();
  // 60 is a leap second, which Unix time counts as the first second of the next minute.
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return not_a_time();
  const CivilDate date{year, static_cast<std::uint32_t>(month), static_cast<std::uint32_t>(day)};
  if (date.day > days_in_month(year, date.month)) return not_a_time();
  at += 19;
  std::int64_t fraction = 0;
  if (at != end && (*at == '.' || *at == ',')) {
    ++at;
    fraction = fraction_ns(at, end);
    if (fraction < 0) return not_a_time();
  }
  std::int64_t offset = 0;
  if (!parse_offset(at, end, offset)) return not_a_time();
  const std::int64_t seconds = days_from_civil(date) * 86400 + hour * 3600 + minute * 60 + second - offset;
  std::int64_t ns = 0;
  // Before 1970 the second may lie just outside while second + fraction lies inside: count from the next second.
  const std::int64_t whole = seconds < 0 ? seconds + 1 : seconds;
  const std::int64_t rest = seconds < 0 ? fraction - kSecond : fraction;
  if (__builtin_mul_overflow(whole, kSecond, &ns) || __builtin_add_overflow(ns, rest, &ns)) return out_of_range();
  return Timestamp{ns};
}

// Nanoseconds in the unit that an epoch of this magnitude is in.
std::int64_t unit_of(std::uint64_t magnitude) {
  if (magnitude < 100'000'000'000) return kSecond;
  if (magnitude < 100'000'000'000'000) return 1'000'000;
  if (magnitude < 100'000'000'000'000'000) return 1'000;
  return 1;
}

// [-]digits[.digits], exactly; anything else that is a number goes through double.
Result<Timestamp> parse_epoch(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  std::uint64_t whole = 0;
  const auto [after, failure] = std::from_chars(at, end, whole);
  if (failure == std::errc::result_out_of_range) return out_of_range();
  if (failure != std::errc() || whole > static_cast<std::uint64_t>(kMaxNs)) return failure == std::errc() ? out_of_range() : not_a_time();
  const auto value = static_cast<std::int64_t>(whole);
  if (after == end) return from_epoch(negative ? -value : value);
  if (*after != '.') {
    double real = 0;
    const auto [real_end, real_failure] = std::from_chars(text.data(), end, real);
    if (real_failure != std::errc() || real_end != end) return not_a_time();
    return from_epoch(real);
  }
  at = after + 1;
  std::int64_t fraction = fraction_ns(at, end);
  if (fraction < 0 || at != end) return not_a_time();
  const std::int64_t unit = unit_of(whole);
  fraction /= kSecond / unit;
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(value, unit, &ns) || __builtin_add_overflow(ns, fraction, &ns)) return out_of_range();
  return Timestamp{negative ? -ns : ns};
}

}  // namespace

Result<Timestamp> parse_timestamp(std::string_view text) {
  if (text.size() >= 19 && text[4] == '-') return parse_rfc3339(text);
  return parse_epoch(text);
}

Result<Timestamp> from_epoch(std::int64_t value) {
  const std::uint64_t magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(value, unit_of(magnitude), &ns)) return out_of_range();
  return Timestamp{ns};
}

Result<Timestamp> from_epoch(double value) {
  if (!std::isfinite(value)) return not_a_time();
  const double magnitude = std::fabs(value);
  if (magnitude >= static_cast<double>(kMaxNs)) return out_of_range();
  const std::int64_t unit = unit_of(static_cast<std::uint64_t>(magnitude));
  const double whole = std::floor(value);
  // Of a recent epoch in seconds a double tells 0.24 us: what lies below a microsecond is noise of the decimal form.
  const std::int64_t step = unit >= 1'000'000 ? 1'000 : 1;
  const double steps_in_unit = static_cast<double>(unit / step);
  const auto fraction = static_cast<std::int64_t>(std::llround((value - whole) * steps_in_unit)) * step;
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(whole), unit, &ns) || __builtin_add_overflow(ns, fraction, &ns)) return out_of_range();
  return Timestamp{ns};
}

}  // namespace penstock
