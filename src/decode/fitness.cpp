#include "decode/fitness.hpp"

#include <charconv>
#include <optional>

#include "decode/json_text.hpp"
#include "penstock/core/names.hpp"
#include "penstock/core/severity.hpp"
#include "penstock/core/time.hpp"

namespace penstock::decode {
namespace {

bool is_number(const Value& value) { return value.kind == ValueKind::integer || value.kind == ValueKind::real; }

constexpr std::int64_t kYear2000 = 946'684'800 * kSecond;

Fit fit_time(Reading reading, const Value& value, const DecodeOptions& options, std::int64_t& ns) {
  if (value.kind == ValueKind::boolean || value.kind == ValueKind::no_number) return Fit::no;
  if (value.kind == ValueKind::real && value.text.find_first_of("eE") != std::string_view::npos) {
    if (const std::optional<double> epoch = number_double(value.text)) {
      const Result<Timestamp> time = from_epoch(*epoch);
      if (time) ns = time->ns;
      return time ? Fit::yes : Fit::no;
    }
  }
  const Result<Timestamp> time = parse_timestamp(value.text, {options.now, false});
  if ((!time || time->ns == 0) && is_unset_time(value.text)) return Fit::absent;
  if (!time || (reading == Reading::recent && is_number(value) && time->ns < kYear2000)) return Fit::no;
  ns = time->ns;
  return Fit::yes;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Severity> read_severity(Reading reading, std::string_view text) {
  if (reading == Reading::letter) {
    const bool letter = (text.size() == 1 || (text.size() == 2 && text[0] == 'D')) && text[0] >= 'A' && text[0] <= 'Z';
    return letter ? parse_severity(text) : std::nullopt;
  }
  if (reading == Reading::python_number || reading == Reading::otel_number) {
    if (const auto number = whole_number(text)) {
      return reading == Reading::python_number ? severity_from_python(*number) : severity_from_opentelemetry(*number);
    }
    // The name of the protobuf enumeration.
    constexpr std::string_view kEnum = "SEVERITY_NUMBER_";
    if (text.starts_with(kEnum)) text.remove_prefix(kEnum.size());
  }
  return parse_severity(text);
}

Fit fit_severity(Reading reading, const Value& value, std::int64_t& number) {
  if (value.kind == ValueKind::boolean) return Fit::no;
  if (value.text.empty()) return Fit::absent;
  const auto severity = read_severity(reading, value.text);
  if (!severity) return Fit::no;
  number = static_cast<std::int64_t>(*severity);
  return Fit::yes;
}

}  // namespace

Fit fit(const Claim& claim, const Value& value, const DecodeOptions& options, std::int64_t& number) {
  if (value.kind == ValueKind::null) return Fit::absent;
  switch (claim.role) {
    case Role::time: return fit_time(claim.reading, value, options, number);
    case Role::severity: return fit_severity(claim.reading, value, number);
    case Role::message: return value.text.empty() ? Fit::absent : Fit::yes;
    case Role::nanos: {
      const auto nanos = whole_number(value.text);
      if (!nanos || *nanos < 0 || *nanos >= kSecond) return Fit::no;
      number = *nanos;
      return Fit::yes;
    }
    case Role::source:
      if (value.text.empty()) return Fit::absent;
      return (value.kind == ValueKind::string || is_number(value)) && is_name(value.text, options.max_name_bytes) ? Fit::yes : Fit::no;
    case Role::deployment:
      if (value.text.empty()) return Fit::absent;
      return (value.kind == ValueKind::string || is_number(value)) && is_deployment_name(value.text) ? Fit::yes : Fit::no;
    default: return Fit::no;
  }
}

ErrorCode misfit_code(Role role, ValueKind kind) {
  if (kind == ValueKind::object || kind == ValueKind::array || kind == ValueKind::boolean) return ErrorCode::invalid_type;
  switch (role) {
    case Role::time:
    case Role::nanos: return ErrorCode::invalid_timestamp;
    case Role::severity: return ErrorCode::invalid_severity;
    case Role::source:
    case Role::deployment: return ErrorCode::invalid_name;
    default: return ErrorCode::invalid_type;
  }
}

std::string_view misfit_message(Role role, ValueKind kind) {
  if (kind == ValueKind::object || kind == ValueKind::array) return "This must be a single value, not an object or array.";
  if (kind == ValueKind::boolean) return "This must be text or a number, not true or false.";
  switch (role) {
    case Role::time:
    case Role::nanos:
      return "This is not a time: give RFC 3339 (2026-11-20T13:33:00Z) or a Unix epoch in seconds, milli-, micro- or nanoseconds.";
    case Role::severity:
      return "This is not a severity: give TRACE, DEBUG, INFO, NOTICE, WARN, ERROR, FATAL or a syslog number from 0 to 7.";
    case Role::source: return "A source is a short name without control characters.";
    case Role::deployment: return kDeploymentNameRule;
    default: return "This value does not fit its name.";
  }
}

}  // namespace penstock::decode
