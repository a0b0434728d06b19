// Reading of timestamps. On the path of every record: no allocation, no locale, no strptime. RFC 3339 and epochs are tried first and by
// themselves; only what is neither is looked at again by the grammar of time_forms.cpp.
#include <charconv>
#include <cmath>
#include <limits>

#include "base/ascii.hpp"
#include "base/bytes.hpp"
#include "core/civil.hpp"
#include "core/parse_time.hpp"
#include "penstock/core/time.hpp"

namespace penstock {
namespace {

constexpr std::int64_t kMaxNs = std::numeric_limits<std::int64_t>::max();

Error not_a_time() {
  return {ErrorCode::invalid_timestamp,
          "This is not a time: give RFC 3339 (2026-11-20T13:33:00Z) or a Unix epoch in seconds, milli-, micro- or nanoseconds.", ""};
}
Error out_of_range() {
  return {ErrorCode::invalid_timestamp, "This time lies outside the years 1677 to 2262, which nanoseconds can tell.", ""};
}

// Eight characters at once, as a little-endian word. `expected` has '0' where a digit must stand, else the very character; gives the
// digits' values and zeros, or nothing.
constexpr std::uint64_t kHighBits = 0x8080808080808080;
bool match(std::uint64_t word, std::uint64_t expected, std::uint64_t digit_places, std::uint64_t& values) {
  values = word ^ expected;
  // Added to a byte this sets its high bit when it is over 9 at a digit's place, over 0 elsewhere.
  const std::uint64_t limits = (digit_places & 0x7676767676767676) | (~digit_places & 0x7f7f7f7f7f7f7f7f);
  return ((values | (values + limits)) & kHighBits) == 0;
}
// Of every byte: ten times it plus the next one; a two-digit number stands where its first digit was.
std::uint64_t pairs(std::uint64_t values) { return values * 10 + (values >> 8); }
std::uint32_t byte_of(std::uint64_t word, unsigned index) { return static_cast<std::uint32_t>(word >> (8 * index)) & 0xff; }

constexpr std::uint64_t word_of(const char (&text)[9]) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[i])) << (8 * i);
  return word;
}
constexpr std::uint64_t kYearMonth = word_of("0000-00-"), kYearMonthDigits = 0x00ffff00ffffffff;
constexpr std::uint64_t kDayMinute = word_of("00T00:00"), kDayMinuteDigits = 0xffff00ffff00ffff;
constexpr std::uint64_t kSeparatorPlace = 0xff0000;  // the T


// The fraction after the dot in nanoseconds; digits past the ninth are cut off. Moves `at` past it; -1 when there is no digit.
std::int64_t fraction_ns(const char*& at, const char* end) {
  static constexpr std::int64_t kScale[] = {1'000'000'000, 100'000'000, 10'000'000, 1'000'000, 100'000, 10'000, 1'000, 100, 10, 1};
  const char* const start = at;
  const char* const last = end - at > 9 ? at + 9 : end;
  std::int64_t value = 0;
  for (; at != last && is_digit(*at); ++at) value = value * 10 + (*at - '0');
  value *= kScale[at - start];
  const bool any = at != start;
  while (at != end && is_digit(*at)) ++at;
  return any ? value : -1;
}

// "", "Z", "+hh:mm", "+hhmm" up to the end of the text, in seconds.
bool parse_offset(const char* at, const char* end, std::int64_t& out) {
  out = 0;
  if (at == end) return true;
  if (end - at == 1) return *at == 'Z' || *at == 'z';
  if (*at != '+' && *at != '-') return false;
  const bool with_colon = end - at == 6 && at[3] == ':';
  if (!with_colon && end - at != 5) return false;
  const char* const minute_at = at + (with_colon ? 4 : 3);
  if (!is_digit(at[1]) || !is_digit(at[2]) || !is_digit(minute_at[0]) || !is_digit(minute_at[1])) return false;
  const int hours = (at[1] - '0') * 10 + (at[2] - '0'), minutes = (minute_at[0] - '0') * 10 + (minute_at[1] - '0');
  if (hours > 23 || minutes > 59) return false;
  out = hours * 3600 + minutes * 60;
  if (*at == '-') out = -out;
  return true;
}

// What is no time of the usual forms: an error, or another look. Asked only then, so that the usual forms pay nothing for the others.
using Otherwise = Result<Timestamp> (*)(std::string_view text);

template <Otherwise kOtherwise>
Result<Timestamp> parse_rfc3339(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const std::uint64_t second_word = read_fixed<std::uint64_t>(at + 8);
  const char separator = at[10];
  std::uint64_t date_values = 0, time_values = 0;
  if (!match(read_fixed<std::uint64_t>(at), kYearMonth, kYearMonthDigits, date_values)) return kOtherwise(text);
  if (!match((second_word & ~kSeparatorPlace) | (kDayMinute & kSeparatorPlace), kDayMinute, kDayMinuteDigits, time_values)) return kOtherwise(text);
  if ((separator != 'T' && separator != ' ' && separator != 't') || at[16] != ':' || !is_digit(at[17]) || !is_digit(at[18])) return kOtherwise(text);
  date_values = pairs(date_values);
  time_values = pairs(time_values);
  const std::uint32_t month = byte_of(date_values, 5), day = byte_of(time_values, 0);
  const std::uint32_t hour = byte_of(time_values, 3), minute = byte_of(time_values, 6);
  const std::uint32_t second = static_cast<std::uint32_t>(at[17] - '0') * 10 + static_cast<std::uint32_t>(at[18] - '0');
  // 60 is a leap second, which Unix time counts as the first second of the next minute.
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60) return kOtherwise(text);
  const auto year = static_cast<std::int32_t>(byte_of(date_values, 0) * 100 + byte_of(date_values, 2));
  const CivilDate date{year, month, day};
  if (day > days_in_month(year, month)) return kOtherwise(text);
  at += 19;
  std::int64_t fraction = 0;
  if (at != end && (*at == '.' || *at == ',')) {
    ++at;
    fraction = fraction_ns(at, end);
    if (fraction < 0) return kOtherwise(text);
  }
  std::int64_t offset = 0;
  if (!parse_offset(at, end, offset)) return kOtherwise(text);
  const std::int64_t seconds = days_from_civil(date) * 86400 + std::int64_t{hour * 3600 + minute * 60 + second} - offset;
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
template <Otherwise kOtherwise>
Result<Timestamp> parse_epoch(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const bool negative = at != end && *at == '-';
  if (negative) ++at;
  std::uint64_t whole = 0;
  const auto [after, failure] = std::from_chars(at, end, whole);
  if (failure == std::errc::result_out_of_range) return out_of_range();
  if (failure != std::errc() || whole > static_cast<std::uint64_t>(kMaxNs)) return failure == std::errc() ? out_of_range() : kOtherwise(text);
  const auto value = static_cast<std::int64_t>(whole);
  if (after == end) {
    std::int64_t ns = 0;
    // Of fourteen digits no number of milliseconds lies in the range, but 20261120133300 does.
    if (__builtin_mul_overflow(negative ? -value : value, unit_of(whole), &ns)) return text.size() == 14 ? kOtherwise(text) : out_of_range();
    return Timestamp{ns};
  }
  if (text.find_first_of("eE") != std::string_view::npos) {
    double real = 0;
    const auto [real_end, real_failure] = std::from_chars(text.data(), end, real);
    if (real_failure != std::errc() || real_end != end) return kOtherwise(text);
    return from_epoch(real);
  }
  at = after + 1;
  std::int64_t fraction = *after == '.' ? fraction_ns(at, end) : -1;
  if (fraction < 0 || at != end) return kOtherwise(text);
  const std::int64_t unit = unit_of(whole);
  fraction /= kSecond / unit;
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(value, unit, &ns) || __builtin_add_overflow(ns, fraction, &ns)) return out_of_range();
  return Timestamp{negative ? -ns : ns};
}

template <Otherwise kOtherwise>
Result<Timestamp> parse_either(std::string_view text) {
  if (text.size() >= 19 && text[4] == '-') return parse_rfc3339<kOtherwise>(text);
  return parse_epoch<kOtherwise>(text);
}

Result<Timestamp> refused(std::string_view) { return not_a_time(); }

Result<Timestamp> parse_other(std::string_view text, const TimeSense& sense) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return not_a_time();
  std::string_view whole = text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
  if (whole.size() < text.size() && !sense.local) {
    if (const Result<Timestamp> time = parse_usual_time(whole)) return time;
  }
  if (whole.size() > 2 && whole.front() == '[' && whole.back() == ']') whole = whole.substr(1, whole.size() - 2);
  const std::optional<LeadingTime> found = leading_time(whole, sense);
  if (found && found->size == whole.size()) return found->time;
  return not_a_time();
}

[[gnu::noinline]] Result<Timestamp> other_in_utc(std::string_view text) { return parse_other(text, {}); }

}  // namespace

Result<Timestamp> parse_usual_time(std::string_view text) { return parse_either<refused>(text); }

Result<Timestamp> parse_timestamp(std::string_view text) { return parse_either<other_in_utc>(text); }

Result<Timestamp> parse_timestamp(std::string_view text, const TimeSense& sense) {
  // An epoch knows no zone; what else comes without one is local where the caller says so.
  const Result<Timestamp> time = sense.local ? parse_epoch<refused>(text) : parse_usual_time(text);
  if (time) return time;
  return parse_other(text, sense);
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
