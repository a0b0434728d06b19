// How a connection reads, or skips, a request's body.
#include <algorithm>

#include "http/connection.hpp"

namespace penstock::http {
namespace {

constexpr std::size_t kFirstLease = 16 * 1024;  // of a body whose size is not known
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// The value of all Content-Encoding fields; several make one that is not known.
std::string content_encoding(const RequestHead& head) {
  std::string all;
  for (std::size_t i = 0; i < head.header_count(); ++i) {
    const auto [name, value] = head.header_at(i);
    if (!equals_ignoring_case(name, "Content-Encoding")) continue;
    if (!all.empty()) all += ", ";
    all += value;
  }
  return all;
}

}  // namespace

// Everything that can be said about a body before a byte of it is read.
bool Connection::admit_body() {
  Exchange& exchange = *exchange_;
  const std::size_t declared = exchange.facts.content_length.value_or(0);
  std::size_t max_body = std::min(exchange.admission.max_body, edge_.options.max_body);
  const bool leased = !exchange.admission.operations_critical;
  if (leased) max_body = std::min(max_body, edge_.budget.limit());
  if (exchange.admission.max_body == 0) {
    refuse({ErrorCode::too_large, "This request takes no body.", ""}, false);
    return false;
  }
  if (declared > max_body) {
    const std::string limit = std::to_string(max_body);
    refuse({ErrorCode::too_large, "The body is larger than the limit of " + limit + " bytes: send it in several requests.", ""}, false);
    return false;
  }
  const std::string encoding = content_encoding(exchange.request->head);
  const std::optional<ContentCoding> coding = parse_content_coding(encoding);
  if (!coding) {
    const char* const field = "Content-Encoding";
    refuse({ErrorCode::unsupported_encoding, "Bodies come as gzip, deflate or zstd.", field}, false);
    return false;
  }
  if (leased) {
    const std::size_t first = exchange.facts.chunked ? std::min(kFirstLease, max_body) : declared;
    std::optional<ByteBudget::Lease> lease = edge_.budget.take(first);
    if (!lease) {
      refuse({ErrorCode::overloaded, "Too many bytes are in flight already: send this again in a moment.", ""}, false);
      return false;
    }
    exchange.request->lease = std::move(*lease);
  }
  exchange.body.emplace(exchange.request->body, exchange.request->lease, leased ? edge_.budget.limit() : 0, *coding, max_body, declared);
  exchange.parser->set_body(&*exchange.body);
  return true;
}

boost::asio::awaitable<bool> Connection::read_body() {
  const Deadlines& deadlines = edge_.options.deadlines;
  RequestParser& parser = *exchange_->parser;
  enter(Phase::body, deadlines.body_grace);
  if (exchange_->facts.expects_continue && buffer_.size() == 0) {
    const bool told = co_await write_all({boost::asio::buffer(kContinue), {}, {}});
    if (!told) {
      cut_ = true;
      co_return false;
    }
    enter(Phase::body, deadlines.body_grace);
  }
  exchange_->facts.expects_continue = false;
  const Clock::time_point began = phase_began_;
  while (!parser.done()) {
    if (buffer_.size() > 0) {
      const Result<std::size_t> consumed = parser.feed(unread());
      if (!consumed) {
        refuse(consumed.error(), true);
        co_return false;
      }
      buffer_.consume(*consumed);
      if (parser.body_error()) {
        refuse(*parser.body_error(), false);
        co_return false;
      }
      if (parser.done()) break;
    }
    // The slower the body may come, the longer it may take: what has come pays for more time.
    const std::size_t rate = std::max<std::size_t>(deadlines.body_min_rate, 1);
    deadline_ = began + deadlines.body_grace + std::chrono::milliseconds(parser.body_bytes() * 1000 / rate);
    const bool more = co_await read_more();
    if (more) continue;
    if (!expired_) {
      cut_ = true;
      co_return false;
    }
    refuse({ErrorCode::timeout, "The request's body came too slowly.", ""}, true);
    co_return false;
  }
  const Result<void> finished = exchange_->body->finish();
  if (!finished) refuse(finished.error(), false);
  co_return finished.has_value();
}

// After an Expect that was not answered with 100 nobody knows whether a body follows.
bool Connection::can_skip_body() const {
  if (!exchange_->parser) return false;
  if (exchange_->parser->done()) return true;
  if (exchange_->facts.expects_continue) return false;
  const std::uint64_t declared = exchange_->facts.content_length.value_or(0);
  return declared <= exchange_->parser->body_bytes() + edge_.options.skip_body;
}

// The answer is out: what is waited for is of no use to anybody, and must not hold a seat for long.
boost::asio::awaitable<bool> Connection::skip_body() {
  RequestParser& parser = *exchange_->parser;
  parser.set_body(nullptr);
  const std::uint64_t limit = parser.body_bytes() + edge_.options.skip_body;
  enter(Phase::lingering, edge_.options.deadlines.body_grace);
  while (!parser.done()) {
    if (buffer_.size() > 0) {
      const Result<std::size_t> consumed = parser.feed(unread());
      if (!consumed) co_return false;
      buffer_.consume(*consumed);
      if (parser.done()) break;
    }
    if (parser.body_bytes() > limit) co_return false;
    const bool more = co_await read_more();
    if (!more) co_return false;
  }
  co_return true;
}

}  // namespace penstock::http
