// How a connection reads, or skips, a request's body.
#include <algorithm>
#include <utility>

#include "http/connection.hpp"
#include "http/offload.hpp"

namespace penstock::http {
namespace {

constexpr std::size_t kFirstLease = 16 * 1024;  // of a body of which nothing has come
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

Error gave_way_error() {
  return {ErrorCode::overloaded, "The body came so slowly that its memory was needed by others: send it again in a moment.", ""};
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
  exchange.body.emplace(exchange.request->body, exchange.request->lease, leased ? edge_.budget.limit() : 0, *coding, max_body, declared);
  exchange.parser->set_body(&*exchange.body);
  return true;
}

// Before a byte is read: the budget has room for the first of them.
boost::asio::awaitable<bool> Connection::lease_body() {
  const std::size_t first = std::min(kFirstLease, exchange_->facts.chunked ? edge_.budget.limit() : *exchange_->facts.content_length);
  std::optional<ByteBudget::Lease> lease = edge_.budget.take(first);
  for (bool room = true; !lease && room;) {
    room = co_await make_room(edge_.bodies);
    lease = edge_.budget.take(first);
  }
  if (lease) {
    exchange_->request->lease = std::move(*lease);
  } else {
    refuse({ErrorCode::overloaded, "Too many bytes are in flight already: send this again in a moment.", ""}, false);
  }
  co_return lease.has_value();
}

boost::asio::awaitable<bool> Connection::read_body() {
  const Deadlines& deadlines = edge_.options.deadlines;
  RequestParser& parser = *exchange_->parser;
  enter(Phase::body, deadlines.body_grace);
  gave_way_ = false;
  if (!exchange_->admission.operations_critical) {
    const bool leased = co_await lease_body();
    if (!leased) co_return false;
  }
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
  HolderPlace place(edge_.bodies, *this);
  for (;;) {
    if (buffer_.size() > 0) {
      const bool taken = co_await take_body(place);
      if (!taken) co_return false;
    }
    if (parser.done()) break;
    // The slower the body may come, the longer it may take: what has come pays for more time.
    const std::size_t rate = std::max<std::size_t>(deadlines.body_min_rate, 1);
    deadline_ = began + deadlines.body_grace + std::chrono::milliseconds(parser.body_bytes() * 1000 / rate);
    const Clock::time_point now = Clock::now();
    place.join(exchange_->address, now);
    const std::size_t size = exchange_->request->body.size();
    place.moved(size - std::exchange(exchange_->body_seen, size), exchange_->request->lease.size(), now);
    const bool more = co_await read_more();
    if (gave_way_) {
      refuse(gave_way_error(), true);
      co_return false;
    }
    if (more) continue;
    if (!expired_) {
      cut_ = true;
      co_return false;
    }
    refuse({ErrorCode::timeout, "The request's body came too slowly.", ""}, true);
    co_return false;
  }
  place.leave();
  const Result<void> finished = exchange_->body->finish();
  if (!finished) refuse(finished.error(), false);
  co_return finished.has_value();
}

// Hands what was read on to the body, in steps that the budget covers. False: the answer is set.
boost::asio::awaitable<bool> Connection::take_body(HolderPlace& place) {
  RequestParser& parser = *exchange_->parser;
  BodyBuffer& body = *exchange_->body;
  deadline_.reset();
  for (bool again = true; again;) {
    for (bool room = body.cover(unread().size()); !room;) {
      const bool made = co_await make_room(edge_.bodies);
      if (cut_) co_return false;
      if (gave_way_) {
        refuse(gave_way_error(), true);
        co_return false;
      }
      room = body.cover(unread().size());
      if (room || made) continue;
      refuse(body.no_room(unread().size()), false);
      co_return false;
    }
    const bool drains = body.pending();
    Result<std::size_t> consumed = std::size_t{0};
    if (body.is_heavy()) {
      place.leave();  // it waits for this server now, not for its client
      auto work = [this] { return body_step(); };
      consumed = co_await offload(edge_.pack_pool, std::move(work));
      if (cut_) co_return false;
    } else {
      consumed = body_step();
    }
    if (!consumed) {
      refuse(consumed.error(), true);
      co_return false;
    }
    buffer_.consume(*consumed);
    if (parser.body_error()) {
      refuse(*parser.body_error(), false);
      co_return false;
    }
    again = drains || body.pending() || (*consumed > 0 && buffer_.size() > 0 && !parser.done());
  }
  co_return true;
}

// Of heavy bodies on a worker thread, while this connection's coroutine waits.
Result<std::size_t> Connection::body_step() {
  if (!exchange_->body->pending()) return exchange_->parser->feed(unread());
  Result<std::size_t> drained = exchange_->body->step({});
  return drained;
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
