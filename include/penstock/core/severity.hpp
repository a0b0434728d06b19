// How grave a log record is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace penstock {

enum class Severity : std::uint8_t { trace, debug, info, notice, warn, error, fatal };
inline constexpr std::size_t kSeverityCount = 7;

// "TRACE" … "FATAL".
std::string_view severity_name(Severity severity);

// What loggers write for one, in any case: the names and their usual synonyms (warning, err, crit, critical, emerg, panic, alert, verbose,
// information, default, high, …), slog's ERROR+2, OpenTelemetry's and MongoDB's INFO2 and D1; spaces, brackets, a colon and terminal colours
// around it do not count. And numbers as text: syslog's 0 emergency … 7 debug, 10 … 60 of pino and bunyan, 100 … 600 of Monolog.
std::optional<Severity> parse_severity(std::string_view text);
std::optional<Severity> severity_from_syslog(std::int64_t number);
// 10 DEBUG … 50 CRITICAL and what lies between.
std::optional<Severity> severity_from_python(std::int64_t number);
// 1 TRACE … 24 FATAL4.
std::optional<Severity> severity_from_opentelemetry(std::int64_t number);

}  // namespace penstock
