// Errors that are expected are values. An Error says what was wrong and what to do about it.
#pragma once

#include <string>
#include <string_view>

namespace penstock {

// Each code has one name, used in answers (`error.code`), in metrics labels and in logs; see error_name().
enum class ErrorCode {
  invalid_json,
  invalid_request,       // a query parameter or header is malformed
  invalid_type,          // a field has the wrong JSON type
  invalid_timestamp,
  timestamp_too_old,     // before what retention keeps
  timestamp_too_new,     // further ahead than allowed
  invalid_severity,
  invalid_name,          // deployment, source, metric or label name
  invalid_value,         // a metric value that is not a finite number
  missing_field,
  record_too_large,
  too_many_fields,
  too_deep,
  too_large,             // request, header or unpacked body
  header_too_large,
  bad_encoding,          // corrupt compressed body
  unsupported_encoding,
  unsupported_media_type,
  length_required,
  malformed_request,     // HTTP framing
  not_implemented,
  timeout,
  unauthorized,
  forbidden,
  too_many_attempts,     // of somebody who may not know the secret
  not_found,
  method_not_allowed,
  conflict,
  invalid_query,         // the q language, a regular expression, an aggregate
  series_collision,      // two different series with one id
  nothing_accepted,
  overloaded,            // over the byte budget, or a queue is full
  draining,
  storage_full,
  storage_failed,        // the journal cannot write
  unavailable,           // a dependency (Postgres) is away
  canceled,
  corrupt,               // stored bytes that fail their checksum
  unsupported_version,
  key_mismatch,          // sealed under a key that is not at hand
  io_error,
  config_error,
  internal,
};

// The name of a code in answers and labels: "invalid_timestamp".
std::string_view error_name(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // one sentence for a person: what is wrong and what to do
  std::string field;    // the field or parameter it is about, or empty
  std::string detail = {};  // what a dependency said, for operators: the own log and the like, never an answer to strangers
};

// The message and the detail, for an operator.
std::string full_text(const Error& error);

}  // namespace penstock
