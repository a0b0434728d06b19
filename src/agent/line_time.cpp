#include "agent/line_time.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>

#include "core/civil.hpp"

namespace penstock::agent {
namespace {

struct Parts {
  CivilDate date;
  std::uint32_t hour = 0, minute = 0, second = 0;
  std::int64_t fraction_ns = 0;
  std::optional<std::int64_t> zone_seconds;  // east of Greenwich; nullopt: local time
};

// Reads from the front of a text; every function moves only when it returns true.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool next_is(char c) const { return !text_.empty() && text_.front() == c; }
  bool character(char c) { return any_of(std::string_view(&c, 1)); }
  bool any_of(std::string_view characters) {
    if (text_.empty() || characters.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  // A number of exactly so many digits.
  bool number(std::size_t digits, std::uint32_t& out) {
    if (text_.size() < digits) return false;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(text_[i])) return false;
      value = value * 10 + static_cast<std::uint32_t>(text_[i] - '0');
    }
    out = value;
    text_.remove_prefix(digits);
    return true;
  }
  bool month_name(std::uint32_t& out) {
    static constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto found = std::find(kMonths.begin(), kMonths.end(), text_.substr(0, 3));
    if (found == kMonths.end()) return false;
    out = static_cast<std::uint32_t>(found - kMonths.begin()) + 1;
    text_.remove_prefix(3);
    return true;
  }
  // Digits behind a dot or comma; those past the ninth are cut off.
  void fraction(std::int64_t& ns) {
    if (text_.size() < 2 || (text_[0] != '.' && text_[0] != ',') || !is_digit(text_[1])) return;
    text_.remove_prefix(1);
    ns = 0;
    for (std::int64_t unit = 100'000'000; !text_.empty() && is_digit(text_.front()); unit /= 10) {
      ns += (text_.front() - '0') * unit;
      text_.remove_prefix(1);
    }
  }
  // Z, +hh:mm or +hhmm, a space before it allowed.
  void zone(std::optional<std::int64_t>& out) {
    Cursor at = *this;
    (void)at.character(' ');
    if (at.any_of("Zz")) {
      // A word that begins with Z is no zone.
      if (!at.text_.empty() && is_letter(at.text_.front())) return;
      out = 0;
      *this = at;
      return;
    }
    const bool east = at.next_is('+');
    std::uint32_t hours = 0, minutes = 0;
    if (!at.any_of("+-") || !at.number(2, hours)) return;
    (void)at.character(':');
    if (!at.number(2, minutes) || hours > 23 || minutes > 59 || (!at.text_.empty() && is_digit(at.text_.front()))) return;
    const std::int64_t seconds = std::int64_t{hours} * 3600 + minutes * 60;
    out = east ? seconds : -seconds;
    *this = at;
  }
  bool clock(Parts& out) {
    return number(2, out.hour) && character(':') && number(2, out.minute) && character(':') && number(2, out.second);
  }
  void skip_priority() {
    Cursor at = *this;
    std::uint32_t digit = 0;
    if (!at.character('<') || !at.number(1, digit)) return;
    for (int i = 0; i < 2; ++i) (void)at.number(1, digit);
    if (at.character('>')) *this = at;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  std::string_view text_;
};

bool valid(const Parts& parts) {
  return parts.date.month >= 1 && parts.date.month <= 12 && parts.date.day >= 1 &&
         parts.date.day <= days_in_month(parts.date.year, parts.date.month) && parts.hour <= 23 && parts.minute <= 59 && parts.second <= 60;
}

std::optional<Timestamp> at(const Parts& parts) {
  if (!valid(parts)) return std::nullopt;
  std::int64_t seconds = 0;
  if (parts.zone_seconds) {
    seconds = days_from_civil(parts.date) * 86400 + parts.hour * 3600 + parts.minute * 60 + parts.second - *parts.zone_seconds;
  } else {
    std::tm local{};
    local.tm_year = parts.date.year - 1900;
    local.tm_mon = static_cast<int>(parts.date.month) - 1;
    local.tm_mday = static_cast<int>(parts.date.day);
    local.tm_hour = static_cast<int>(parts.hour);
    local.tm_min = static_cast<int>(parts.minute);
    local.tm_sec = static_cast<int>(parts.second);
    local.tm_isdst = -1;
    seconds = std::mktime(&local);
  }
  std::int64_t ns = 0;
  if (__builtin_mul_overflow(seconds, kSecond, &ns) || __builtin_add_overflow(ns, parts.fraction_ns, &ns)) return std::nullopt;
  return Timestamp{ns};
}

std::optional<Timestamp> iso(Cursor in) {
  Parts parts;
  std::uint32_t year = 0;
  if (!in.number(4, year)) return std::nullopt;
  const char separator = in.next_is('/') ? '/' : '-';
  if (!in.character(separator) || !in.number(2, parts.date.month) || !in.character(separator) || !in.number(2, parts.date.day) ||
      !in.any_of("T t_") || !in.clock(parts)) {
    return std::nullopt;
  }
  parts.date.year = static_cast<std::int32_t>(year);
  in.fraction(parts.fraction_ns);
  in.zone(parts.zone_seconds);
  return at(parts);
}

std::optional<Timestamp> syslog(Cursor in, Timestamp now) {
  Parts parts;
  if (!in.month_name(parts.date.month) || !in.character(' ')) return std::nullopt;
  const bool one_digit = in.character(' ');
  if (!in.number(one_digit ? 1 : 2, parts.date.day) || !in.character(' ') || !in.clock(parts)) return std::nullopt;
  in.fraction(parts.fraction_ns);
  const std::int32_t this_year = civil_from_days(now.ns / kDay).year;
  std::optional<Timestamp> nearest;
  const auto distance = [now](Timestamp time) { return time.ns > now.ns ? time.ns - now.ns : now.ns - time.ns; };
  for (const std::int32_t year : {this_year, this_year - 1, this_year + 1}) {
    parts.date.year = year;
    const auto there = at(parts);  // not on the 29th of February of a common year
    if (there && (!nearest || distance(*there) < distance(*nearest))) nearest = there;
  }
  return nearest;
}

std::optional<Timestamp> common_log(std::string_view line) {
  constexpr std::size_t kReach = 256;
  const std::string_view head = line.substr(0, kReach);
  for (std::size_t open = head.find('['); open != std::string_view::npos; open = head.find('[', open + 1)) {
    Cursor in(head.substr(open + 1));
    Parts parts;
    std::uint32_t year = 0;
    if (!in.number(2, parts.date.day) || !in.character('/') || !in.month_name(parts.date.month) || !in.character('/') || !in.number(4, year) ||
        !in.character(':') || !in.clock(parts)) {
      continue;
    }
    parts.date.year = static_cast<std::int32_t>(year);
    in.zone(parts.zone_seconds);
    if (in.next_is(']')) return at(parts);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Timestamp> line_time(std::string_view line, Timestamp now) {
  Cursor in(line);
  in.skip_priority();
  (void)in.character('[');
  if (auto time = iso(in)) return time;
  if (auto time = syslog(in, now)) return time;
  return common_log(line);
}

}  // namespace penstock::agent
