#include "config/values.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

#include "penstock/core/time.hpp"

namespace penstock::config {
namespace {

Error wrong(std::string_view text, std::string_view wanted) {
  return Error{ErrorCode::config_error, "\"" + std::string(text) + "\" is not " + std::string(wanted) + ".", ""};
}

}  // namespace

Result<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size() || text.empty()) return wrong(text, "a whole number");
  return number;
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  constexpr std::string_view kWanted = "a size such as 512, 64KiB, 16MiB or 2GiB";
  if (problem != std::errc() || text.empty()) return wrong(text, kWanted);
  int shift = 0;
  if (!unit.empty() && unit != "B") {
    const std::size_t place = std::string_view("kKmMgGtT").find(unit.front());
    const std::string_view rest = unit.substr(1);
    if (place == std::string_view::npos || !(rest.empty() || rest == "B" || rest == "iB")) return wrong(text, kWanted);
    shift = 10 * (static_cast<int>(place) / 2 + 1);
  }
  if (number > (std::numeric_limits<std::uint64_t>::max() >> shift)) return wrong(text, kWanted);
  return number << shift;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<std::pair<int, const char*>, 3> kUnits = {{{30, "GiB"}, {20, "MiB"}, {10, "KiB"}}};
  for (const auto& [shift, unit] : kUnits) {
    if (bytes != 0 && (bytes & ((std::uint64_t{1} << shift) - 1)) == 0) return std::to_string(bytes >> shift) + unit;
  }
  return std::to_string(bytes);
}

Result<std::int64_t> parse_duration_or_zero(std::string_view text) {
  if (text == "0") return std::int64_t{0};
  auto parsed = parse_duration(text);
  if (!parsed) return wrong(text, "a duration such as 250ms, 5s, 15m, 1h30m or 30d (0: none)");
  return *parsed;
}

std::string format_duration(std::int64_t ns) {
  if (ns == 0) return "0";
  constexpr std::array<std::pair<std::int64_t, const char*>, 5> kUnits = {
      {{kDay, "d"}, {kHour, "h"}, {kMinute, "m"}, {kSecond, "s"}, {1'000'000, "ms"}}};
  for (const auto& [size, unit] : kUnits) {
    if (ns % size == 0) return std::to_string(ns / size) + unit;
  }
  return std::to_string(ns / 1'000'000) + "ms";
}

Result<bool> parse_switch(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return wrong(text, "true or false");
}

}  // namespace penstock::config
