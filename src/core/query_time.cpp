// Times as queries give them: what records take, dates alone, and distances from now.
#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "core/civil.hpp"
#include "penstock/core/time.hpp"

namespace penstock {
namespace {

Error not_relative() {
  return {ErrorCode::invalid_timestamp,
          "After \"now\" come + or - with a duration, and / with a unit to begin it: now-15m, now-1.5h, now-1M, now/d, now-1d/d (units s m h d w M y).", ""};
}

Timestamp at_date(CivilDate date, std::int64_t in_day) {
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(days_from_civil(date), kDay, &ns)) return date.year < 1970 ? kFirstTime : kLastTime;
  return saturating_add(Timestamp{ns}, in_day);
}

// Nanoseconds since that day began. The first of all days began before the first time, so only this distance is never out of range.
std::int64_t in_day(Timestamp time) {
  const std::int64_t since = time.ns % kDay;
  return since < 0 ? since + kDay : since;
}

// Whole months by the calendar: the last day of a shorter month stands for days that it does not have.
Timestamp months_later(Timestamp time, std::int64_t months) {
  const std::int64_t day = day_of(time);
  const CivilDate date = civil_from_days(day);
  const std::int64_t month = std::int64_t{date.year} * 12 + date.month - 1 + std::clamp<std::int64_t>(months, -12'000, 12'000);
  const std::int64_t year = (month >= 0 ? month : month - 11) / 12;
  CivilDate moved_to{static_cast<std::int32_t>(year), static_cast<std::uint32_t>(month - year * 12) + 1, date.day};
  moved_to.day = std::min(moved_to.day, days_in_month(moved_to.year, moved_to.month));
  return at_date(moved_to, in_day(time));
}

std::optional<Timestamp> beginning_of(Timestamp time, char unit) {
  const std::int64_t day = day_of(time);
  const CivilDate date = civil_from_days(day);
  const auto cut = [&](std::int64_t step) { return saturating_add(time, -(in_day(time) % step)); };
  switch (unit) {
    case 's': return cut(kSecond);
    case 'm': return cut(kMinute);
    case 'h': return cut(kHour);
    case 'd': return cut(kDay);
    case 'w': return saturating_add(cut(kDay), -((day % 7 + 10) % 7) * kDay);  // 1970-01-01 was a Thursday; weeks begin on Monday
    case 'M': return at_date({date.year, date.month, 1}, 0);
    case 'y': return at_date({date.year, 1, 1}, 0);
    default: return std::nullopt;
  }
}

// Takes "-1M", "+1h30m" or "/d" off the text and moves the time by it.
bool step(std::string_view& text, Timestamp& time) {
  if (text.front() == '/') {
    const auto begun = text.size() >= 2 ? beginning_of(time, text[1]) : std::nullopt;
    if (!begun) return false;
    time = *begun;
    text.remove_prefix(2);
    return true;
  }
  if (text.front() != '-' && text.front() != '+') return false;
  const bool back = text.front() == '-';
  text.remove_prefix(1);
  const std::string_view distance = text.substr(0, std::min(text.find_first_of("+-/"), text.size()));
  text.remove_prefix(distance.size());
  if (distance.ends_with('M') || distance.ends_with('y')) {
    std::int64_t count = 0;
    const char* const end = distance.data() + distance.size() - 1;
    const auto [after, failure] = std::from_chars(distance.data(), end, count);
    if (failure != std::errc() || after != end || count <= 0 || count > 12'000) return false;
    const std::int64_t months = distance.ends_with('y') ? count * 12 : count;
    time = months_later(time, back ? -months : months);
    return true;
  }
  const auto length = parse_duration(distance);
  if (!length) return false;
  time = saturating_add(time, back ? -*length : *length);
  return true;
}

bool digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

bool is_date(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && text[7] == '-' && digits(text.substr(0, 4)) && digits(text.substr(5, 2)) && digits(text.substr(8, 2));
}

}  // namespace

Result<Timestamp> parse_query_time(std::string_view text, Timestamp now) {
  if (text.starts_with("now")) {
    text.remove_prefix(3);
    while (!text.empty()) {
      if (!step(text, now)) return not_relative();
    }
    return now;
  }
  std::string whole(text);
  if (is_date(text) && text.size() == 10) whole += "T00:00:00Z";
  if (is_date(text) && text.size() == 16) whole += ":00Z";  // 2026-11-20T13:33
  auto time = parse_timestamp(whole);
  if (time) return time;
  // A far bound means "all": it is well formed when it is in another year, or so many digits.
  if (is_date(whole)) {
    const bool before = whole.compare(0, 4, "1970") < 0;
    whole.replace(0, 4, "2000");
    if (parse_timestamp(whole)) return before ? kFirstTime : kLastTime;
  } else {
    const bool before = text.starts_with('-');
    if (const std::string_view number = text.substr(before ? 1 : 0); number.size() >= 18 && digits(number)) return before ? kFirstTime : kLastTime;
  }
  return time.error();
}

}  // namespace penstock
