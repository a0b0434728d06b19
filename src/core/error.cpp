#include "penstock/core/error.hpp"

namespace penstock {

std::string_view error_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_json: return "invalid_json";
    case ErrorCode::invalid_request: return "invalid_request";
    case ErrorCode::invalid_type: return "invalid_type";
    case ErrorCode::invalid_timestamp: return "invalid_timestamp";
    case ErrorCode::timestamp_too_old: return "timestamp_too_old";
    case ErrorCode::timestamp_too_new: return "timestamp_too_new";
    case ErrorCode::invalid_severity: return "invalid_severity";
    case ErrorCode::invalid_name: return "invalid_name";
    case ErrorCode::invalid_value: return "invalid_value";
    case ErrorCode::missing_field: return "missing_field";
    case ErrorCode::record_too_large: return "record_too_large";
    case ErrorCode::too_many_fields: return "too_many_fields";
    case ErrorCode::too_deep: return "too_deep";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::header_too_large: return "header_too_large";
    case ErrorCode::bad_encoding: return "bad_encoding";
    case ErrorCode::unsupported_encoding: return "unsupported_encoding";
    case ErrorCode::unsupported_media_type: return "unsupported_media_type";
    case ErrorCode::length_required: return "length_required";
    case ErrorCode::malformed_request: return "malformed_request";
    case ErrorCode::not_implemented: return "not_implemented";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::unauthorized: return "unauthorized";
    case ErrorCode::forbidden: return "forbidden";
    case ErrorCode::too_many_attempts: return "too_many_attempts";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::method_not_allowed: return "method_not_allowed";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::invalid_query: return "invalid_query";
    case ErrorCode::series_collision: return "series_collision";
    case ErrorCode::nothing_accepted: return "nothing_accepted";
    case ErrorCode::overloaded: return "overloaded";
    case ErrorCode::draining: return "draining";
    case ErrorCode::storage_full: return "storage_full";
    case ErrorCode::storage_failed: return "storage_failed";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::canceled: return "canceled";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::unsupported_version: return "unsupported_version";
    case ErrorCode::key_mismatch: return "key_mismatch";
    case ErrorCode::io_error: return "io_error";
    case ErrorCode::config_error: return "config_error";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

std::string full_text(const Error& error) {
  return error.detail.empty() ? error.message : error.message + " (" + error.detail + ")";
}

}  // namespace penstock
