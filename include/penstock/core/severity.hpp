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

// Any case of the names, the usual synonyms (warning, err, crit, critical, emerg, panic, alert, verbose, information, …),
// and syslog's numbers as text ("0" emerg … "7" debug).
std::optional<Severity> parse_severity(std::string_view text);
std::optional<Severity> severity_from_syslog(std::int64_t number);

}  // namespace penstock
