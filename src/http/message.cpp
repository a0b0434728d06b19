#include "http/message.hpp"

#include "penstock/core/record.hpp"

namespace penstock::http {

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

Response text_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

Response error_response(int status, const Error& error) {
  std::string body = R"({"error":{"code":")";
  body += error_name(error.code);
  body += R"(","message":)";
  append_json_string(body, error.message);
  if (!error.field.empty()) {
    body += R"(,"field":)";
    append_json_string(body, error.field);
  }
  body += "}}";
  Response response = json_response(status, std::move(body));
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

Response error_response(const Error& error) { return error_response(status_of(error.code), error); }

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid_json:
    case ErrorCode::invalid_request:
    case ErrorCode::invalid_type:
    case ErrorCode::invalid_timestamp:
    case ErrorCode::timestamp_too_old:
    case ErrorCode::timestamp_too_new:
    case ErrorCode::invalid_severity:
    case ErrorCode::invalid_name:
    case ErrorCode::invalid_value:
    case ErrorCode::missing_field:
    case ErrorCode::too_many_fields:
    case ErrorCode::too_deep:
    case ErrorCode::bad_encoding:
    case ErrorCode::malformed_request:
    case ErrorCode::invalid_query:
    case ErrorCode::series_collision: return 400;
    case ErrorCode::unauthorized: return 401;
    case ErrorCode::forbidden: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::method_not_allowed: return 405;
    case ErrorCode::timeout: return 408;
    case ErrorCode::conflict: return 409;
    case ErrorCode::length_required: return 411;
    case ErrorCode::record_too_large:
    case ErrorCode::too_large: return 413;
    case ErrorCode::unsupported_encoding:
    case ErrorCode::unsupported_media_type: return 415;
    case ErrorCode::nothing_accepted: return 422;
    case ErrorCode::too_many_attempts: return 429;
    case ErrorCode::header_too_large: return 431;
    case ErrorCode::not_implemented: return 501;
    case ErrorCode::overloaded:
    case ErrorCode::draining:
    case ErrorCode::storage_full:
    case ErrorCode::storage_failed:
    case ErrorCode::unavailable:
    case ErrorCode::canceled: return 503;
    case ErrorCode::unsupported_version: return 505;
    case ErrorCode::corrupt:
    case ErrorCode::key_mismatch:
    case ErrorCode::io_error:
    case ErrorCode::config_error:
    case ErrorCode::internal: return 500;
  }
  return 500;
}

}  // namespace penstock::http
