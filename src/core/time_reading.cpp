#include "core/time_reading.hpp"

#include "core/civil.hpp"

namespace penstock {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"january", "february", "march",     "april",   "may",      "june",
                                                      "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

// Digits behind a dot or comma, those past the ninth cut off; behind a colon three or six of them.
void fraction(TimeCursor& in, std::int64_t& ns) {
  TimeCursor at = in;
  const bool colon = at.front() == ':';
  if (!at.take_any(".,:")) return;
  const std::size_t digits = at.digits();
  if (digits == 0 || (colon && digits != 3 && digits != 6)) return;
  ns = 0;
  std::uint32_t digit = 0;
  for (std::int64_t unit = 100'000'000; at.number(1, digit); unit /= 10) ns += digit * unit;
  in = at;
}

// AM or PM behind an hour that can have it.
void half_of_day(TimeCursor& in, std::uint32_t& hour) {
  TimeCursor at = in;
  at.blanks();
  const bool afternoon = to_lower(at.front()) == 'p';
  if (!at.take_any("aApP")) return;
  const bool dotted = at.take('.');
  if (!at.take_any("mM")) return;
  if (dotted) at.take('.');
  if (is_letter(at.front()) || is_digit(at.front()) || hour < 1 || hour > 12) return;
  hour = hour % 12 + (afternoon ? 12 : 0);
  in = at;
}

bool exists(const CivilTime& time) {
  const CivilDate& date = time.date;
  // 60 is a leap second, which Unix time counts as the first of the next minute.
  return date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= days_in_month(date.year, date.month) && time.hour <= 23 &&
         time.minute <= 59 && time.second <= 60;
}

std::optional<Timestamp> bound(const TimeReading& reading, const TimeSense& sense) {
  const CivilTime& civil = reading.civil;
  if (!exists(civil) || reading.zone.kind == ZoneText::Kind::unsure) return std::nullopt;
  std::int64_t seconds = 0;
  const bool own = reading.zone.kind == ZoneText::Kind::own;
  if (own || (reading.zone.kind == ZoneText::Kind::none && sense.local)) {
    seconds = local_seconds(civil, own ? std::optional<bool>(reading.zone.summer) : std::nullopt);
  } else {
    seconds = days_from_civil(civil.date) * 86400 + civil.hour * 3600 + civil.minute * 60 + civil.second - reading.zone.offset;
  }
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, kSecond, &ns) || __builtin_add_overflow(ns, reading.fraction_ns, &ns)) return std::nullopt;
  return Timestamp{ns};
}

}  // namespace

bool month_name(TimeCursor& in, std::uint32_t& out) {
  if (!in.name(kMonths, out)) return false;
  ++out;
  return true;
}

bool skip_weekday(TimeCursor& in) {
  TimeCursor at = in;
  std::uint32_t day = 0;
  if (!at.name(kDays, day)) return false;
  at.take(',');
  if (!at.blanks()) return false;
  in = at;
  return true;
}

bool clock(TimeCursor& in, TimeReading& out, Seconds seconds, char separator) {
  TimeCursor at = in;
  if (!at.short_number(out.civil.hour) || !at.take(separator) || at.digits() != 2 || !at.number(2, out.civil.minute)) return false;
  TimeCursor more = at;
  if (more.take(separator) && more.digits() == 2 && more.number(2, out.civil.second)) {
    at = more;
    fraction(at, out.fraction_ns);
  } else if (seconds == Seconds::needed) {
    return false;
  }
  half_of_day(at, out.civil.hour);
  in = at;
  return true;
}

bool basic_clock(TimeCursor& in, TimeReading& out) {
  const std::size_t digits = in.digits();
  if (digits != 6 && digits != 4) return false;
  in.number(2, out.civil.hour);
  in.number(2, out.civil.minute);
  if (digits == 6) {
    in.number(2, out.civil.second);
    fraction(in, out.fraction_ns);
  }
  return true;
}

std::int64_t latest(const TimeSense& sense) { return sense.now->ns + kDay; }

// A time without a year lies in the past, or a day ahead at most.
std::optional<Timestamp> settle(TimeReading reading, const TimeSense& sense) {
  if (reading.has_year) return bound(reading, sense);
  if (!sense.now) return std::nullopt;
  constexpr std::int32_t kYearsBack = 8;  // as far as to a 29th of February
  const std::int32_t newest = civil_from_days(latest(sense) / kDay).year + 1;
  for (std::int32_t year = newest; year >= newest - kYearsBack; --year) {
    reading.civil.date.year = year;
    const auto time = bound(reading, sense);
    if (time && time->ns <= latest(sense)) return time;
  }
  return std::nullopt;
}

}  // namespace penstock
