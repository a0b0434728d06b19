// A zone is worth reading only when it is sure: a wrong one shifts a record by hours, none at all leaves it at the time of reading. So of the
// names of zones only those count that the tz database uses for one offset, wherever on earth; the others are known as names, to be told from
// an ordinary word behind a time ("13:33:00 INFO"), and stand for nothing.
#include "core/time_zone.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/ascii.hpp"

namespace penstock {
namespace {

constexpr std::int16_t kSeveral = 9999;

struct NamedZone {
  std::string_view name;
  std::int16_t minutes;  // ahead of UTC
};

// tz database 2024 to 2026.
constexpr auto kZones = std::to_array<NamedZone>({
    {"UTC", 0},      {"GMT", 0},      {"UT", 0},       {"Z", 0},        {"CET", 60},     {"CEST", 120},   {"MET", 60},    {"MEST", 120},
    {"WET", 0},      {"WEST", 60},    {"EET", 120},    {"EEST", 180},   {"BST", 60},     {"MSK", 180},    {"EST", -300},  {"EDT", -240},
    {"MST", -420},   {"MDT", -360},   {"PDT", -420},   {"AST", -240},   {"ADT", -180},   {"NST", -210},   {"NDT", -150},  {"AKST", -540},
    {"AKDT", -480},  {"HST", -600},   {"HDT", -540},   {"SST", -660},   {"ChST", 600},   {"JST", 540},    {"KST", 540},   {"HKT", 480},
    {"PKT", 300},    {"IDT", 180},    {"WIB", 420},    {"WITA", 480},   {"WIT", 540},    {"AWST", 480},   {"ACST", 570},  {"ACDT", 630},
    {"AEST", 600},   {"AEDT", 660},   {"NZST", 720},   {"NZDT", 780},   {"SAST", 120},   {"CAT", 120},    {"EAT", 180},   {"WAT", 60},
    {"CST", kSeveral}, {"CDT", kSeveral}, {"IST", kSeveral}, {"PST", kSeveral},
});


std::string_view past_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}

// +hh, +hhmm, +hh:mm, +hh:mm:ss, and +h behind a name. Where a blank stands before, a bare number may be a value: only whole quarters of an hour
// and offsets that exist are a zone there, and +hh only at the end.
std::optional<std::int64_t> take_offset(std::string_view& text, bool after_blank, bool after_name) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const bool west = text[0] == '-';
  std::string_view rest = text.substr(1);
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) ++digits;
  const auto two = [&rest](std::size_t at) { return (rest[at] - '0') * 10 + (rest[at + 1] - '0'); };
  std::int64_t hours = 0, minutes = 0, seconds = 0;
  bool bare = false;
  if (digits == 4) {
    hours = two(0);
    minutes = two(2);
    rest.remove_prefix(4);
  } else if (digits == 2) {
    hours = two(0);
    rest.remove_prefix(2);
    bare = true;
    for (std::int64_t* part : {&minutes, &seconds}) {
      const bool more = rest.size() >= 3 && rest[0] == ':' && is_digit(rest[1]) && is_digit(rest[2]) && (rest.size() == 3 || !is_digit(rest[3]));
      if (!more) break;
      *part = two(1);
      rest.remove_prefix(3);
      bare = false;
    }
  } else if (digits == 1 && after_name) {
    hours = rest[0] - '0';
    rest.remove_prefix(1);
  } else {
    return std::nullopt;
  }
  if (hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
  if (!rest.empty() && (is_letter(rest.front()) || rest.front() == '_')) return std::nullopt;
  if (after_blank && (hours > 14 || minutes % 15 != 0 || seconds != 0 || (bare && !rest.empty() && rest.front() != ']'))) return std::nullopt;
  text = rest;
  const std::int64_t offset = hours * 3600 + minutes * 60 + seconds;
  return west ? -offset : offset;
}

std::size_t letters_of(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_letter) - text.begin());
}

decltype(kZones)::const_iterator find_zone(std::string_view name) {
  return std::find_if(kZones.begin(), kZones.end(), [name](const NamedZone& zone) { return zone.name == name; });
}

// What some writers say once more: "[Europe/Berlin]" (Java), " (Central European Standard Time)" (JavaScript, mail), " CET m=+0.123" (Go).
void skip_remark(std::string_view& text) {
  constexpr std::size_t kLongest = 64;
  const bool bracket = text.starts_with('[');
  std::string_view rest = bracket ? text : past_blanks(text);
  if (bracket || rest.starts_with('(')) {
    const std::size_t end = rest.substr(0, kLongest).find(bracket ? ']' : ')');
    if (end != std::string_view::npos && end >= 2 && is_letter(rest[1])) text = rest.substr(end + 1);
    return;
  }
  const std::size_t letters = letters_of(rest);
  if (letters > 1 && (letters == rest.size() || rest[letters] == ' ') && find_zone(rest.substr(0, letters)) != kZones.end()) text = rest = rest.substr(letters);
  rest = past_blanks(rest);
  if (!rest.starts_with("m=+") && !rest.starts_with("m=-")) return;
  text = rest.substr(std::min(rest.find_first_not_of("0123456789.", 3), rest.size()));
}

// "[UTC]" in place of a zone.
bool take_bracketed_utc(std::string_view& text) {
  for (const std::string_view name : {"[UTC]", "[GMT]", "[Etc/UTC]", "[Z]"}) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return true;
  }
  return false;
}

ZoneText named(std::string_view name, bool local) {
  if (local && name != "Z") {
    ::tzset();
    const std::string_view standard = ::tzname[0] != nullptr ? ::tzname[0] : "", summer = ::tzname[1] != nullptr ? ::tzname[1] : "";
    if (name == standard || name == summer) return {ZoneText::Kind::own, 0, name != standard};
  }
  const auto found = find_zone(name);
  if (found == kZones.end()) return {};
  if (found->minutes == kSeveral) return {ZoneText::Kind::unsure};
  return {ZoneText::Kind::offset, std::int64_t{found->minutes} * 60, false};
}

}  // namespace

ZoneText take_zone(std::string_view& text, bool local) {
  std::string_view rest = past_blanks(text);
  const bool after_blank = rest.size() < text.size();
  if (const auto offset = take_offset(rest, after_blank, false)) {
    text = rest;
    skip_remark(text);
    return {ZoneText::Kind::offset, *offset, false};
  }
  if (!after_blank && take_bracketed_utc(rest)) {
    text = rest;
    return {ZoneText::Kind::offset, 0, false};
  }
  const std::size_t letters = letters_of(rest);
  if (letters == 0 || (letters < rest.size() && (is_digit(rest[letters]) || rest[letters] == '_'))) return {};
  const std::string_view name = rest.substr(0, letters);
  ZoneText zone = name == "z" ? ZoneText{ZoneText::Kind::offset} : named(name, local);
  if (zone.kind == ZoneText::Kind::none) return {};
  text = rest.substr(letters);
  if (name == "UTC" || name == "GMT") {
    if (const auto offset = take_offset(text, false, true)) zone = {ZoneText::Kind::offset, *offset, false};
  }
  skip_remark(text);
  return zone;
}

std::int64_t local_seconds(const CivilTime& time, std::optional<bool> summer) {
  std::tm local{};
  local.tm_year = time.date.year - 1900;
  local.tm_mon = static_cast<int>(time.date.month) - 1;
  local.tm_mday = static_cast<int>(time.date.day);
  local.tm_hour = static_cast<int>(time.hour);
  local.tm_min = static_cast<int>(time.minute);
  local.tm_sec = static_cast<int>(time.second);
  local.tm_isdst = summer ? (*summer ? 1 : 0) : -1;
  return std::mktime(&local);
}

}  // namespace penstock
