// The bytes of an answer before its body. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace penstock::http {

std::string_view reason_of(int status);
// 1xx, 204 and 304 have none.
bool may_have_body(int status);

struct ResponseFrame {
  int version = 11;
  bool keep_alive = true;
  bool hsts = false;
  bool gzipped = false;                          // by the server, just now
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  std::string_view date;                         // an IMF-fixdate
};

// Status line, what the server says of every answer (security headers that the response does not bring itself
// included), and the response's own fields; control characters in those become blanks, so that no value can begin a new
// line.
void append_response_head(std::string& out, const Response& response, const ResponseFrame& frame);

// "Fri, 20 Nov 2026 13:33:00 GMT"
std::string format_http_date(std::int64_t epoch_seconds);

}  // namespace penstock::http
