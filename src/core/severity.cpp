#include "penstock/core/severity.hpp"

#include <algorithm>
#include <array>
#include <utility>

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
    // Google Cloud; logrus in four letters; zerolog's console; what security tools grade by; winston; loguru; java.util.logging; log15.
    {"default", Severity::info},     {"erro", Severity::error},       {"debu", Severity::debug},
    {"fata", Severity::fatal},       {"pani", Severity::fatal},       {"trac", Severity::trace},
    {"pnc", Severity::fatal},        {"high", Severity::error},       {"medium", Severity::warn},
    {"moderate", Severity::warn},    {"low", Severity::notice},       {"major", Severity::error},
    {"minor", Severity::warn},       {"http", Severity::debug},       {"success", Severity::notice},
    {"config", Severity::debug},     {"unspecified", Severity::info}, {"exception", Severity::error},
    {"eror", Severity::error},       {"dbug", Severity::debug},       {"trce", Severity::trace},
});
constexpr std::size_t kLongestSpelling = 13;

std::optional<Severity> spelled(std::string_view text) {
  if (text.empty() || text.size() > kLongestSpelling) return std::nullopt;
  std::array<char, kLongestSpelling> lower{};
  std::transform(text.begin(), text.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  const std::string_view wanted(lower.data(), text.size());
  for (const Spelling& spelling : kSpellings) {
    if (spelling.text == wanted) return spelling.severity;
  }
  return std::nullopt;
}

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

// The usual scales do not overlap.
std::optional<Severity> of_number(std::string_view digits) {
  if (digits.size() == 1) return severity_from_syslog(digits[0] - '0');
  if (digits.size() == 2 && digits[1] == '0') {  // pino and bunyan
    constexpr Severity kByTen[] = {Severity::trace, Severity::debug, Severity::info, Severity::warn, Severity::error, Severity::fatal};
    if (digits[0] >= '1' && digits[0] <= '6') return kByTen[digits[0] - '1'];
  }
  static constexpr std::pair<std::string_view, Severity> kMonolog[] = {
      {"100", Severity::debug}, {"200", Severity::info},  {"250", Severity::notice}, {"300", Severity::warn},
      {"400", Severity::error}, {"500", Severity::fatal}, {"550", Severity::fatal},  {"600", Severity::fatal}};
  for (const auto& [number, severity] : kMonolog) {
    if (digits == number) return severity;
  }
  return std::nullopt;
}

// Without what surrounds the word: spaces, brackets, quotes, a colon, terminal colours ("\x1b[32minfo\x1b[0m").
std::string_view bare(std::string_view text) {
  constexpr std::string_view kBefore = " \t\r\n[(<{\"'", kAfter = " \t\r\n])>}\"':.";
  for (;;) {
    const std::size_t size = text.size();
    if (text.starts_with("\x1b[")) text.remove_prefix(std::min(text.find('m'), text.size() - 1) + 1);
    if (const std::size_t escape = text.rfind("\x1b["); text.ends_with('m') && escape != std::string_view::npos) text.remove_suffix(text.size() - escape);
    while (!text.empty() && kBefore.find(text.front()) != std::string_view::npos && !text.starts_with("\x1b[")) text.remove_prefix(1);
    while (!text.empty() && kAfter.find(text.back()) != std::string_view::npos) text.remove_suffix(1);
    if (text.size() == size) return text;
  }
}

// slog names the levels between its four by their distance: DEBUG-4, INFO+2, ERROR+4.
std::optional<Severity> at_distance(Severity named, char sign) {
  if (sign == '-') return named == Severity::debug ? Severity::trace : named == Severity::info ? Severity::debug : named;
  return named == Severity::info ? Severity::notice : named;
}

// A word with a number behind it.
std::optional<Severity> numbered(std::string_view text) {
  std::size_t word = text.size();
  while (word > 0 && is_decimal(text[word - 1])) --word;
  if (word == text.size() || word == 0 || text.size() - word > 2) return std::nullopt;
  const char sign = text[word - 1];
  if (sign != '+' && sign != '-') return text.size() - word == 1 && text[word] != '0' ? spelled(text.substr(0, word)) : std::nullopt;
  const auto named = spelled(text.substr(0, word - 1));
  return named ? at_distance(*named, sign) : std::nullopt;
}

}  // namespace

std::string_view severity_name(Severity severity) {
  const auto index = static_cast<std::size_t>(severity);
  return index < kNames.size() ? kNames[index] : kNames[static_cast<std::size_t>(Severity::info)];
}

std::optional<Severity> parse_severity(std::string_view text) {
  if (const auto severity = spelled(text)) return severity;
  text = bare(text);
  if (text.empty()) return std::nullopt;
  if (std::all_of(text.begin(), text.end(), is_decimal)) return of_number(text);
  if (const auto severity = spelled(text)) return severity;
  return numbered(text);
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

std::optional<Severity> severity_from_python(std::int64_t number) {
  if (number < 1 || number > 99) return std::nullopt;
  if (number < 10) return Severity::trace;
  if (number < 20) return Severity::debug;
  if (number < 30) return number > 20 ? Severity::notice : Severity::info;
  if (number < 40) return Severity::warn;
  return number < 50 ? Severity::error : Severity::fatal;
}

std::optional<Severity> severity_from_opentelemetry(std::int64_t number) {
  // Logs data model, "Field: SeverityNumber": four of each name.
  constexpr Severity kByFour[] = {Severity::trace, Severity::debug, Severity::info, Severity::warn, Severity::error, Severity::fatal};
  if (number < 1 || number > 24) return std::nullopt;
  return kByFour[(number - 1) / 4];
}

}  // namespace penstock
