// The guard against request smuggling: looks at the raw bytes of a request's head before any parser does. Pure.
//
// Boost.Beast 1.81 lets through what two parsers may read in two ways (RFC 9112, sections 5 to 7): folded lines,
// repeated or listed Content-Length, a Transfer-Encoding that is not exactly "chunked", several Host fields or others of
// which one is meant. Here all that is an error, never a guess. An Upgrade is not taken up, whatever to: the request goes on
// as HTTP/1.1, as RFC 9110, section 7.8, allows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::http {

// Where a head ends in the bytes read so far.
struct HeadScan {
  enum class State { need_more, complete, malformed };
  State state = State::need_more;
  std::size_t size = 0;  // complete: bytes of the head, its empty line included
};

// `from`: bytes known from an earlier call to hold no end (pass the size seen then). A line feed without its carriage
// return is malformed.
HeadScan scan_head(std::string_view bytes, std::size_t from);

struct HeadFacts {
  int version = 11;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  bool expects_continue = false;
  bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

// `head`: from the request line to the empty line, as scan_head found it. On an error the answer is status_of(code)
// (malformed_request, not_implemented, header_too_large, unsupported_version; expectation not known: invalid_request
// with field "Expect", answered 417), and the connection must end.
Result<HeadFacts> check_head(std::string_view head, std::size_t max_fields);

}  // namespace penstock::http
