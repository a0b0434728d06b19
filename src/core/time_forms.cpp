// The forms of time that programs write, beyond RFC 3339 and epochs. The first digits or letters tell which few forms a text may have; each reads
// a copy of the cursor, so that one that does not fit costs nothing to the next. What a text leaves open (year, order of day and month, zone) is
// settled at the end, in settle(), by the same rule for all.
#include <cstdlib>

#include "core/parse_time.hpp"
#include "core/time_reading.hpp"
#include "penstock/core/time.hpp"

namespace penstock {
namespace {

using Found = std::optional<LeadingTime>;

Found found(std::string_view text, const TimeCursor& in, const TimeReading& reading, const TimeSense& sense) {
  const auto time = settle(reading, sense);
  if (!time) return std::nullopt;
  return LeadingTime{*time, text.size() - in.rest().size()};
}

void set_year(TimeReading& reading, std::uint32_t year, bool two_digits) {
  if (two_digits) year += year >= 70 ? 1900 : 2000;
  reading.civil.date.year = static_cast<std::int32_t>(year);
  reading.has_year = true;
}

// Between date and clock.
bool gap(TimeCursor& in) {
  if (in.take_any("Tt_:-")) return true;
  TimeCursor at = in;
  at.take(',');
  if (!at.blanks()) return false;
  in = at;
  return true;
}

Found year_first(std::string_view text, TimeCursor in, const TimeSense& sense) {
  TimeReading reading;
  std::uint32_t year = 0;
  in.number(4, year);
  const char separator = in.front();
  if (!in.take_any("-/.") || !in.short_number(reading.civil.date.month) || !in.take(separator) || !in.short_number(reading.civil.date.day)) return {};
  set_year(reading, year, false);
  const bool dashed = in.front() == '-';
  if (!gap(in)) return {};
  TimeCursor dotted = in;
  if (!clock(in, reading, Seconds::optional)) {
    if (!dashed || !clock(dotted, reading, Seconds::needed, '.')) return {};
    in = dotted;
  }
  reading.zone = in.zone(sense.local);
  return found(text, in, reading, sense);
}

// 20261120 or 081109, then a clock of either kind.
Found compact(std::string_view text, TimeCursor in, const TimeSense& sense) {
  TimeReading reading;
  const std::size_t digits = in.digits();
  const bool two_digits = digits == 6;
  std::uint32_t year = 0;
  in.number(two_digits ? 2 : 4, year);
  in.number(2, reading.civil.date.month);
  in.number(2, reading.civil.date.day);
  set_year(reading, year, two_digits);
  if (digits == 14) {
    // 20261120133300: an epoch of so many digits would lie in the year 2612.
    basic_clock(in, reading);
  } else {
    if (two_digits ? !in.blanks() : !gap(in)) return {};
    const bool hours_and_minutes = in.digits() == 4;
    if (!clock(in, reading, Seconds::needed) && ((two_digits && hours_and_minutes) || !basic_clock(in, reading))) return {};
    if (is_digit(in.front())) return {};
  }
  reading.zone = in.zone(sense.local);
  const auto time = found(text, in, reading, sense);
  // Two bare numbers may be anything: a date ahead is none.
  if (two_digits && time && sense.now && time->time.ns > latest(sense)) return {};
  return time;
}

// 20 Nov 2026 13:33:00, 20-Nov-26 13:33:00, 20/Nov/2026:13:33:00, 20 Nov 13:33:00
Found day_first(std::string_view text, TimeCursor in, const TimeSense& sense) {
  TimeReading reading;
  if (!in.short_number(reading.civil.date.day)) return {};
  const char separator = in.front();
  if (!in.take_any(" -/") || !month_name(in, reading.civil.date.month)) return {};
  if (separator == ' ') in.take('.');
  if (!in.take(separator)) return {};
  TimeCursor at = in;
  const std::size_t digits = at.digits();
  std::uint32_t year = 0;
  if ((digits == 4 || digits == 2) && at.number(digits, year) && (separator == ' ' ? at.blanks() : gap(at))) {
    set_year(reading, year, digits == 2);
    in = at;
  }
  if (!clock(in, reading, reading.has_year ? Seconds::optional : Seconds::needed)) return {};
  reading.zone = in.zone(sense.local);
  return found(text, in, reading, sense);
}

// Nov 20 13:33:00, Nov 20, 2026 1:33:00 PM, Nov 20 13:33:00 UTC 2026
Found month_first(std::string_view text, TimeCursor in, const TimeSense& sense, bool after_weekday) {
  TimeReading reading;
  if (!month_name(in, reading.civil.date.month) || !in.blanks() || !in.short_number(reading.civil.date.day)) return {};
  TimeCursor at = in;
  at.take(',');
  std::uint32_t year = 0;
  if (at.blanks() && at.digits() == 4 && at.number(4, year)) {
    at.take(',');
    TimeCursor behind = at;
    if (behind.blanks() && behind.take("at")) at = behind;
    set_year(reading, year, false);
    in = at;
  }
  if (!in.blanks() || !clock(in, reading, reading.has_year ? Seconds::optional : Seconds::needed)) return {};
  reading.zone = in.zone(sense.local);
  TimeCursor after = in;
  if (!reading.has_year && after.blanks() && after.digits() == 4 && after.number(4, year) && !is_letter(after.front()) && after.front() != ':') {
    // Behind a day of the week, as ctime has it; else it is a year only where the zone follows it, as OpenSSL has it.
    const ZoneText zone = after.zone(sense.local);
    if (after_weekday || zone.kind == ZoneText::Kind::offset) {
      set_year(reading, year, false);
      if (zone.kind != ZoneText::Kind::none) reading.zone = zone;
      in = after;
    }
  }
  return found(text, in, reading, sense);
}

// Three numbers of which it is not sure what they are. The one reading that exists; of several the one that lies nearest to now.
Found numbers(std::string_view text, TimeCursor in, const TimeSense& sense) {
  TimeReading reading;
  std::uint32_t first = 0, second = 0, third = 0;
  if (!in.short_number(first)) return {};
  const char separator = in.front();
  if (!in.take_any("/.") || !in.short_number(second) || !in.take(separator)) return {};
  const std::size_t digits = in.digits();
  if ((digits != 4 && digits != 2) || !in.number(digits, third) || !gap(in) || !clock(in, reading, Seconds::optional)) return {};
  reading.zone = in.zone(sense.local);
  struct Order {
    std::uint32_t year, month, day;
  };
  // Dots are written where the day comes first; slashes in all orders.
  const bool short_year = digits == 2, dots = separator == '.';
  const Order orders[] = {{third, second, first}, {third, first, second}, {first, second, third}};
  Found best;
  bool several = false;
  std::int64_t least = 0;
  for (std::size_t i = 0; i < (dots ? 1u : short_year ? 3u : 2u); ++i) {
    set_year(reading, orders[i].year, i == 2 || short_year);
    reading.civil.date.month = orders[i].month;
    reading.civil.date.day = orders[i].day;
    const Found here = found(text, in, reading, sense);
    if (!here || (best && here->time == best->time)) continue;
    if (sense.now && here->time.ns > latest(sense)) continue;
    const std::int64_t distance = sense.now ? sense.now->ns / 2 - here->time.ns / 2 : 0;
    several = several || best;
    if (!best || std::abs(distance) < least) {
      best = here;
      least = std::abs(distance);
    }
  }
  if (several && !sense.now) return {};
  return best;
}

// 11-20 13:33:00.123, Android's logcat.
Found month_day(std::string_view text, TimeCursor in, const TimeSense& sense) {
  TimeReading reading;
  if (in.digits() != 2 || !in.number(2, reading.civil.date.month) || !in.take('-') || in.digits() != 2 || !in.number(2, reading.civil.date.day) ||
      !in.blanks() || !clock(in, reading, Seconds::needed)) {
    return {};
  }
  return found(text, in, reading, sense);
}

// I1120 13:33:00.123456, I20261120 13:33:00.123456: klog and glog.
Found after_severity_letter(std::string_view text, TimeCursor in, const TimeSense& sense) {
  TimeReading reading;
  if (!in.take_any("IWEFDVC")) return {};
  const std::size_t digits = in.digits();
  std::uint32_t year = 0;
  if (digits == 8 && in.number(4, year)) set_year(reading, year, false);
  if ((digits != 8 && digits != 4) || !in.number(2, reading.civil.date.month) || !in.number(2, reading.civil.date.day) || !in.blanks() ||
      !clock(in, reading, Seconds::needed)) {
    return {};
  }
  return found(text, in, reading, sense);
}

// /Date(1795181580123)/, /Date(1795181580123+0100)/: milliseconds of UTC whatever the offset says.
Found dotnet(std::string_view text) {
  constexpr std::string_view kStart = "/Date(";
  const std::size_t end = text.substr(0, 48).find(")/");
  if (!text.starts_with(kStart) || end == std::string_view::npos) return {};
  std::string_view number = text.substr(kStart.size(), end - kStart.size());
  const bool before_1970 = number.starts_with('-');
  if (before_1970) number.remove_prefix(1);
  TimeCursor in(number);
  std::int64_t ms = 0;
  std::uint32_t digit = 0;
  if (in.digits() == 0 || in.digits() > 15) return {};
  while (in.number(1, digit)) ms = ms * 10 + digit;
  const std::string_view offset = in.rest();
  if (!offset.empty() && (offset.size() != 5 || (offset[0] != '+' && offset[0] != '-'))) return {};
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(before_1970 ? -ms : ms, 1'000'000, &ns)) return {};
  return LeadingTime{Timestamp{ns}, end + 2};
}

// 1795181580, 1795181580.123 and in milli-, micro-, nanoseconds, as the first word: other counts of digits are rather numbers.
Found epoch(std::string_view text, TimeCursor in) {
  std::size_t size = in.digits();
  if (size + 1 < text.size() && text[size] == '.' && is_digit(text[size + 1])) {
    TimeCursor fraction_at(text.substr(size + 1));
    size += 1 + fraction_at.digits();
  }
  if (size < text.size() && std::string_view(" \t,;|])").find(text[size]) == std::string_view::npos) return {};
  const Result<Timestamp> time = parse_usual_time(text.substr(0, size));
  if (!time) return {};
  return LeadingTime{*time, size};
}

Found from_digit(std::string_view text, const TimeCursor& in, const TimeSense& sense) {
  switch (in.digits()) {
    case 1:
    case 2: {
      const std::string_view behind = in.rest().substr(in.digits());
      if (behind.size() < 2) return {};
      if (is_letter(behind[1])) return day_first(text, in, sense);
      if (behind[0] == '-') return month_day(text, in, sense);
      return numbers(text, in, sense);
    }
    case 4: return year_first(text, in, sense);
    case 6:
    case 8:
    case 14: return compact(text, in, sense);
    case 10:
    case 13:
    case 16:
    case 19: return epoch(text, in);
    default: return {};
  }
}

}  // namespace

std::optional<LeadingTime> leading_time(std::string_view text, const TimeSense& sense) {
  if (text.empty()) return std::nullopt;
  TimeCursor in(text);
  if (text.front() == '/') return dotnet(text);
  const bool after_weekday = skip_weekday(in);
  if (is_digit(in.front())) {
    if (after_weekday && in.digits() >= 6) return std::nullopt;
    return from_digit(text, in, sense);
  }
  if (const Found time = month_first(text, in, sense, after_weekday)) return time;
  return after_severity_letter(text, in, sense);
}

bool is_unset_time(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return true;
  text = text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
  for (const std::string_view none : {"-", "null", "nil", "None", "N/A"}) {
    if (text == none) return true;
  }
  // Also in the zone of Go's and .NET's writer, the eve of the year 1 among them; seconds, milli-, micro- and nanoseconds, and ticks that wrapped.
  for (const std::string_view start : {"0001-01-01", "0000-12-31", "0000-00-00", "0000-01-01", "1/1/0001", "01/01/0001", "-62135596800", "/Date(-62135596800000",
                                       "-6795364578871345152", "-6795364578871345"}) {
    if (text.starts_with(start)) return true;
  }
  const Result<Timestamp> time = parse_timestamp(text);
  return time && time->ns == 0;
}

}  // namespace penstock
