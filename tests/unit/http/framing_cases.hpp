// Requests whose framing two parsers could read differently. Each is sent with a second request hidden behind or inside
// it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace penstock::http::test {

struct FramingCase {
  const char* name;
  std::string bytes;
  int status;
  bool in_head = true;  // seen by check_head; else only while the body is read
};

inline constexpr std::string_view kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

inline std::string post(std::string_view fields, std::string_view body) {
  return "POST /echo HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

inline std::vector<FramingCase> framing_cases() {
  const std::string hidden(kSmuggled);
  return {
      {"two_lengths", post("Content-Length: 0\r\nContent-Length: 36\r\n", hidden), 400},
      {"two_equal_lengths", post("Content-Length: 0\r\nContent-Length: 0\r\n", hidden), 400},
      {"listed_length", post("Content-Length: 0, 0\r\n", hidden), 400},
      {"signed_length", post("Content-Length: +0\r\n", hidden), 400},
      {"negative_length", post("Content-Length: -1\r\n", hidden), 400},
      {"hex_length", post("Content-Length: 0x10\r\n", hidden), 400},
      {"empty_length", post("Content-Length:\r\n", hidden), 400},
      {"huge_length", post("Content-Length: 18446744073709551616\r\n", hidden), 400},
      {"length_and_chunked", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden), 400},
      {"chunked_and_length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n" + hidden), 400},
      {"gzip_chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n" + hidden), 400},
      {"chunked_identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n" + hidden), 400},
      {"chunked_twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + hidden),
          400},
      {"chunked_listed_twice", post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n" + hidden), 400},
      {"gzip", post("Transfer-Encoding: gzip\r\n", hidden), 501},
      {"identity", post("Transfer-Encoding: identity\r\n", hidden), 501},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n" + hidden), 501},
      {"quoted_chunked", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n" + hidden), 501},
      {"empty_encoding", post("Transfer-Encoding:\r\nContent-Length: 36\r\n", hidden), 501},
      {"chunked_with_vertical_tab", post("Transfer-Encoding: \vchunked\r\n", "0\r\n\r\n" + hidden), 400},
      {"space_before_colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n" + hidden), 400},
      {"chunked_in_1_0",
       "POST /echo HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
           hidden, 400},
      {"folded_line", post("X-A: 1\r\n Content-Length: 36\r\nContent-Length: 0\r\n", hidden), 400},
      {"folded_encoding", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n" + hidden), 501},
      {"fold_by_tab", post("X-A: 1\r\n\tb\r\nContent-Length: 0\r\n", hidden), 400},
      {"first_line_folded", "GET /echo HTTP/1.1\r\n Host: y\r\nHost: x\r\n\r\n" + hidden, 400},
      {"no_host", "GET /ok HTTP/1.1\r\nX-A: 1\r\n\r\n" + hidden, 400},
      {"no_fields", "GET /ok HTTP/1.1\r\n\r\n" + hidden, 400},
      {"two_hosts", "GET /ok HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n" + hidden, 400},
      {"two_hosts_1_0", "GET /ok HTTP/1.0\r\nHost: x\r\nHost: x\r\nConnection: keep-alive\r\n\r\n" + hidden, 400},
      {"listed_host", "GET /ok HTTP/1.1\r\nHost: x, y\r\n\r\n" + hidden, 400},
      {"host_with_path", "GET /ok HTTP/1.1\r\nHost: x/smuggled\r\n\r\n" + hidden, 400},
      {"host_with_user", "GET /ok HTTP/1.1\r\nHost: a@x\r\n\r\n" + hidden, 400},
      {"bare_line_feeds", "GET /ok HTTP/1.1\nHost: x\n\n" + hidden, 400},
      {"one_bare_line_feed", "GET /ok HTTP/1.1\r\nHost: x\r\nX-A: 1\nX-B: 2\r\n\r\n" + hidden, 400},
      {"bare_carriage_return", "GET /ok HTTP/1.1\r\nHost: x\r\nX-A: 1\rContent-Length: 36\r\n\r\n" + hidden, 400},
      {"nul_in_value", "GET /ok HTTP/1.1\r\nHost: x\r\nX-A: a" + std::string(1, '\0') + "b\r\n\r\n" + hidden, 400},
      {"no_colon", "GET /ok HTTP/1.1\r\nHost: x\r\nX-A\r\n\r\n" + hidden, 400},
      {"empty_name", "GET /ok HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n" + hidden, 400},
      {"two_authorizations",
       "GET /ok HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n" + hidden, 400},
      {"two_spaces", "GET  /ok HTTP/1.1\r\nHost: x\r\n\r\n" + hidden, 400},
      {"blank_in_target", "GET /ok /x HTTP/1.1\r\nHost: x\r\n\r\n" + hidden, 400},
      {"no_version", "GET /ok\r\nHost: x\r\n\r\n" + hidden, 400},
      {"lower_case_version", "GET /ok http/1.1\r\nHost: x\r\n\r\n" + hidden, 400},
      {"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden, 505},
      {"two_types", post("Content-Type: application/json\r\nContent-Type: text/csv\r\nContent-Length: 0\r\n", hidden), 400},
      {"two_idempotency_keys", post("Idempotency-Key: a\r\nIdempotency-Key: a\r\nContent-Length: 0\r\n", hidden), 400},
      {"two_deployments", post("X-Penstock-Deployment: a\r\nx-penstock-deployment: b\r\nContent-Length: 0\r\n", hidden), 400},
      {"two_origins", "GET /ok HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\nOrigin: http://b\r\n\r\n" + hidden, 400},
      {"two_expectations", post("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 0\r\n", hidden), 400},
      {"chunk_extension", post("Transfer-Encoding: chunked\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n" + hidden), 400, false},
      {"last_chunk_extension", post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0;a\r\n\r\n" + hidden), 400,
          false},
      {"chunk_size_blank", post("Transfer-Encoding: chunked\r\n", "5 \r\nhello\r\n0\r\n\r\n" + hidden), 400, false},
      {"chunk_size_bare_lf", post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n" + hidden), 400, false},
      {"chunk_size_hex_prefix", post("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n0\r\n\r\n" + hidden), 400,
          false},
      {"chunk_size_negative", post("Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n" + hidden), 400, false},
      {"chunk_size_overflow", post("Transfer-Encoding: chunked\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\n" +
          hidden), 400, false},
      {"chunk_too_short", post("Transfer-Encoding: chunked\r\n", "3\r\nhello\r\n0\r\n\r\n" + hidden), 400, false},
      {"trailer", post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nX-A: 1\r\n\r\n" + hidden), 400, false},
      {"trailer_authorization",
       post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nAuthorization: Bearer a\r\n\r\n" + hidden), 400,
           false},
      {"unending_chunk_line", post("Transfer-Encoding: chunked\r\n", "0" + std::string(2000, '0')), 400, false},
      {"unending_trailer", post("Transfer-Encoding: chunked\r\n", "0\r\nX: " + std::string(2000, 'a')), 400, false},
  };
}

}  // namespace penstock::http::test
