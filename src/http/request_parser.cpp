#include "http/request_parser.hpp"

#include <boost/beast/http/error.hpp>
#include <limits>

namespace penstock::http {
namespace {

// Between chunks only a size line may stand unread; a longer wait for its end is somebody feeding the buffer.
constexpr std::size_t kMaxChunkLine = 256;
// No chunk ends with less. Beast asserts that it does not see the last one's line a second time with less behind it.
constexpr std::size_t kLeastChunk = 5;

std::string_view std_view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

RequestParser::RequestParser(RequestHead& head) : head_(head) {
  header_limit(std::numeric_limits<std::uint32_t>::max());
  body_limit(boost::none);
  eager(true);
}

Result<void> RequestParser::parse_head(std::string_view head) {
  ErrorCode failed;
  const std::size_t consumed = put(boost::asio::const_buffer(head.data(), head.size()), failed);
  if (failed == boost::beast::http::error::need_more && head_done_) failed = {};
  if (failed || consumed != head.size() || !is_header_done()) {
    return Error{penstock::ErrorCode::malformed_request, "The request's head is malformed: " + failed.message() + ".",
        ""};
  }
  return {};
}

Result<std::size_t> RequestParser::feed(std::string_view bytes) {
  if (waits_ && bytes.size() < kLeastChunk) return std::size_t{0};
  ErrorCode failed;
  const std::size_t consumed = put(boost::asio::const_buffer(bytes.data(), bytes.size()), failed);
  waits_ = failed == boost::beast::http::error::need_more && consumed < bytes.size();
  if (failed == boost::beast::http::error::need_buffer) failed = {};  // the body takes the rest in its next step
  if (failed == boost::beast::http::error::need_more && bytes.size() - consumed <= kMaxChunkLine) failed = {};
  if (failed) {
    return Error{penstock::ErrorCode::malformed_request, "The chunked body is malformed: " + failed.message() + ".",
        ""};
  }
  return consumed;
}

void RequestParser::on_request_impl(boost::beast::http::verb, View method, View target, int version, ErrorCode&) {
  head_.method = std_view(method);
  head_.target = std_view(target);
  head_.version = version;
}

void RequestParser::on_response_impl(int, View, int, ErrorCode&) {}

void RequestParser::on_field_impl(boost::beast::http::field, View name, View value, ErrorCode& failed) {
  if (head_done_) {
    // A trailer: it would stand beside the header as if it had come before the body.
    failed = boost::beast::http::error::bad_field;
    return;
  }
  head_.add_header(std_view(name), std_view(value));
}

void RequestParser::on_header_impl(ErrorCode&) { head_done_ = true; }

void RequestParser::on_body_init_impl(const Length&, ErrorCode&) {}

std::size_t RequestParser::on_body_impl(View piece, ErrorCode& failed) {
  std::size_t consumed = piece.size();
  if (body_ != nullptr) {
    const Result<std::size_t> taken = body_->step(std_view(piece));
    if (taken) {
      consumed = *taken;
      // What was covered is used up, or all was consumed and the codec has more to give: either way the owner must be asked.
      if (consumed < piece.size() || body_->pending()) failed = boost::beast::http::error::need_buffer;
    } else {
      body_ = nullptr;
      body_error_ = taken.error();
    }
  }
  body_bytes_ += consumed;
  return consumed;
}

void RequestParser::on_chunk_header_impl(std::uint64_t, View extensions, ErrorCode& failed) {
  if (!extensions.empty()) failed = boost::beast::http::error::bad_chunk_extension;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, View piece, ErrorCode& failed) {
  return on_body_impl(piece, failed);
}

void RequestParser::on_finish_impl(ErrorCode&) {}

}  // namespace penstock::http
