#include "core/clock_zone.hpp"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "base/ascii.hpp"
#include "penstock/core/time.hpp"

namespace penstock {
namespace {

using std::chrono::seconds;

constexpr std::size_t kLongestName = 64;

Error no_zone(std::string_view text) {
  return {ErrorCode::invalid_request,
          "There is no time zone " + std::string(text.substr(0, kLongestName)) +
              ": name one of the tz database such as Europe/Berlin, or the distance of clocks from UTC such as +02:00.",
          "tz"};
}

struct WholeSeconds {
  explicit WholeSeconds(std::int64_t ns) : whole(ns / kSecond), rest(ns % kSecond) {
    if (rest < 0) {
      rest += kSecond;
      --whole;
    }
  }
  std::int64_t whole, rest;
};

bool is_of_a_name(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '/' || c == '+' || c == '-'; }

}  // namespace

Result<ZoneName> parse_zone_name(std::string_view text) {
  if (text == "Z" || text == "UTC") return ZoneName{};
  if (!text.empty() && is_letter(text.front())) {
    if (text.size() > kLongestName || !std::all_of(text.begin(), text.end(), is_of_a_name)) return no_zone(text);
    return ZoneName{0, std::string(text)};
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return no_zone(text);
  std::string digits(text.substr(1));
  std::erase(digits, ':');
  if (digits.size() == 1) digits.insert(0, "0");
  if (digits.size() == 2) digits += "00";
  if (digits.size() != 4 || !std::all_of(digits.begin(), digits.end(), is_digit)) return no_zone(text);
  const int hours = std::stoi(digits.substr(0, 2)), minutes = std::stoi(digits.substr(2));
  if (hours > 15 || minutes > 59) return no_zone(text);
  const std::int64_t offset = hours * kHour + minutes * kMinute;
  return ZoneName{text.front() == '-' ? -offset : offset};
}

ClockZone ClockZone::fixed(std::int64_t offset_ns) {
  ClockZone zone;
  zone.offset_ns_ = offset_ns;
  return zone;
}

Result<ClockZone> ClockZone::open(const ZoneName& name) {
  if (name.name.empty()) return fixed(name.offset_ns);
  ClockZone zone;
  try {
    zone.zone_ = date::locate_zone(name.name);
    (void)zone.zone_->get_info(date::sys_seconds{});  // its file is read at its first use
  } catch (const std::exception&) {
    return no_zone(name.name);
  }
  return zone;
}

std::int64_t ClockZone::clock(std::int64_t time) const {
  if (zone_ == nullptr) return time + offset_ns_;
  return time + zone_->get_info(date::sys_seconds(seconds(WholeSeconds(time).whole))).offset.count() * kSecond;
}

std::int64_t ClockZone::first_at(std::int64_t clock_time) const {
  if (zone_ == nullptr) return clock_time - offset_ns_;
  const WholeSeconds shown(clock_time);
  const date::local_info info = zone_->get_info(date::local_seconds(seconds(shown.whole)));
  if (info.result == date::local_info::nonexistent) return info.first.end.time_since_epoch().count() * kSecond;
  return clock_time - info.first.offset.count() * kSecond;
}

}  // namespace penstock
