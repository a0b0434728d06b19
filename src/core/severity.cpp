#include "penstock/core/severity.hpp"

#include <algorithm>
#include <array>

namespace penstock {
namespace {

constexpr std::array<std::string_view, kSeverityCount> kNames = {"TRACE", "DEBUG", "INFO", "NOTICE", "WARN", "ERROR", "FATAL"};

struct Spelling {
  std::string_view text;
  Severity severity;
};

// Lower case. The commonest first: the search is linear.
constexpr auto kSpellings = std::to_array<Spelling>({
    {"info", Severity::info},        {"warn", Severity::warn},        {"error", Severity::error},
    {"debug", Severity::debug},      {"warning", Severity::warn},     {"trace", Severity::trace},
    {"notice", Severity::notice},    {"fatal", Severity::fatal},      {"err", Severity::error},
    {"critical", Severity::fatal},   {"crit", Severity::fatal},       {"information", Severity::info},
    {"informational", Severity::info}, {"inf", Severity::info},       {"emerg", Severity::fatal},
    {"emergency", Severity::fatal},  {"alert", Severity::fatal},      {"panic", Severity::fatal},
    {"verbose", Severity::trace},    {"dbg", Severity::debug},        {"wrn", Severity::warn},
    {"severe", Severity::error},     {"failure", Severity::error},    {"alarm", Severity::fatal},
    {"fine", Severity::debug},       {"finer", Severity::trace},      {"finest", Severity::trace},
    {"silly", Severity::trace},      {"log", Severity::info},         {"ftl", Severity::fatal},
    {"trc", Severity::trace},        {"dpanic", Severity::fatal},     {"t", Severity::trace},
    {"d", Severity::debug},          {"i", Severity::info},           {"n", Severity::notice},
    {"w", Severity::warn},           {"e", Severity::error},          {"c", Severity::fatal},
    {"f", Severity::fatal},
});
constexpr std::size_t kLongestSpelling = 13;

}  // namespace

std::string_view severity_name(Severity severity) {
  const auto index = static_cast<std::size_t>(severity);
  return index < kNames.size() ? kNames[index] : kNames[static_cast<std::size_t>(Severity::info)];
}

std::optional<Severity> parse_severity(std::string_view text) {
  if (text.empty() || text.size() > kLongestSpelling) return std::nullopt;
  if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') return severity_from_syslog(text[0] - '0');
  std::array<char, kLongestSpelling> lower{};
  std::transform(text.begin(), text.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  const std::string_view wanted(lower.data(), text.size());
  for (const Spelling& spelling : kSpellings) {
    if (spelling.text == wanted) return spelling.severity;
  }
  return std::nullopt;
}

std::optional<Severity> severity_from_syslog(std::int64_t number) {
  // RFC 5424, table 2: 0 emergency, 1 alert, 2 critical, 3 error, 4 warning, 5 notice, 6 informational, 7 debug.
  switch (number) {
    case 0:
    case 1:
    case 2: return Severity::fatal;
    case 3: return Severity::error;
    case 4: return Severity::warn;
    case 5: return Severity::notice;
    case 6: return Severity::info;
    case 7: return Severity::debug;
    default: return std::nullopt;
  }
}

}  // namespace penstock
