// Beast's parser, made to fill a RequestHead and to hand the body on as it comes. Of this room's insides.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstdint>
#include <optional>

#include "http/body_buffer.hpp"
#include "http/request_head.hpp"

namespace penstock::http {

// One a request. First parse_head() with a head that check_head() let through, then feed() with what follows.
class RequestParser final : private boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(RequestHead& head);

  // malformed_request when Beast does not agree with the guard.
  Result<void> parse_head(std::string_view head);
  // Body bytes go there from now on; without a buffer they are counted and dropped.
  void set_body(BodyBuffer* body) { body_ = body; }

  // Consumes what belongs to this request's body and tells how much that was. malformed_request: the framing is broken
  // (also by chunk extensions and trailers), the connection must end.
  Result<std::size_t> feed(std::string_view bytes);
  bool done() const { return is_done(); }
  // What the buffer answered first; the rest of the body is dropped from then on.
  const std::optional<Error>& body_error() const { return body_error_; }
  std::uint64_t body_bytes() const { return body_bytes_; }  // as they came, chunk framing excepted

 private:
  using View = boost::beast::string_view;
  using ErrorCode = boost::beast::error_code;
  using Length = boost::optional<std::uint64_t>;

  void on_request_impl(boost::beast::http::verb, View method, View target, int version, ErrorCode&) override;
  void on_response_impl(int, View, int, ErrorCode&) override;
  void on_field_impl(boost::beast::http::field, View name, View value, ErrorCode&) override;
  void on_header_impl(ErrorCode&) override;
  void on_body_init_impl(const Length&, ErrorCode&) override;
  std::size_t on_body_impl(View piece, ErrorCode&) override;
  void on_chunk_header_impl(std::uint64_t, View extensions, ErrorCode&) override;
  std::size_t on_chunk_body_impl(std::uint64_t, View piece, ErrorCode&) override;
  void on_finish_impl(ErrorCode&) override;

  RequestHead& head_;
  BodyBuffer* body_ = nullptr;
  std::optional<Error> body_error_;
  std::uint64_t body_bytes_ = 0;
  bool head_done_ = false;
  bool waits_ = false;  // the last feed() left the beginning of a chunk's line
};

}  // namespace penstock::http
