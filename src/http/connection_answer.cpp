// How a connection writes an answer and how it ends.
#include <boost/asio/this_coro.hpp>
#include <algorithm>
#include <charconv>
#include <optional>

#include "base/log.hpp"
#include "http/compress.hpp"
#include "http/connection.hpp"
#include "http/offload.hpp"
#include "http/response_head.hpp"

namespace penstock::http {
namespace {

constexpr std::size_t kPackedHere = 64 * 1024;  // larger bodies are packed on a worker thread
// Smaller bodies leave in one buffer with the head: over TLS that is one record instead of two. Otherwise the kernel takes both at
// once, and a client that does not read holds no copy.
constexpr std::size_t kJoinedBody = 2 * 1024, kJoinedTlsBody = 16 * 1024;
constexpr std::size_t kLingerBytes = 256 * 1024;
constexpr std::string_view kLastChunk = "0\r\n\r\n";

bool has_field(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (equals_ignoring_case(key, name)) return true;
  }
  return false;
}

std::string chunk_line(std::size_t size) {
  std::array<char, 18> digits;
  char* end = std::to_chars(digits.data(), digits.data() + 16, size, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {digits.data(), end};
}

}  // namespace

boost::asio::awaitable<bool> Connection::answer() {
  Response& response = exchange_->response;
  const RequestHead* head = exchange_->request ? &exchange_->request->head : nullptr;
  const bool body_allowed = may_have_body(response.status);
  const bool streams = body_allowed && response.stream != nullptr;
  if (body_allowed && must_hold_answer()) {
    const bool held = co_await hold_answer(response.body.size());
    if (cut_) co_return false;
    if (!held) refuse({ErrorCode::overloaded, "Too many large answers wait for their clients: ask again in a moment, or for less.", ""}, false);
  }
  // Seats that come free by themselves: who asks again takes a new connection, and the idle ones end before newcomers are refused.
  if (edge_.seats.crowded()) exchange_->close = true;
  write_credit_ = edge_.options.deadlines.write_stall;
  const std::string* body = response.shared_body ? response.shared_body.get() : &response.body;
  ResponseFrame frame;
  frame.version = exchange_->facts.version;
  frame.hsts = wire_.secure() && edge_.options.tls.hsts;
  const bool packs = !streams && body_allowed && head != nullptr && edge_.options.gzip_from > 0 &&
                     body->size() > edge_.options.gzip_from && is_packable(response.content_type) &&
                     !has_field(response, "Content-Encoding") && !has_field(response, "ETag") &&
                     accepts_gzip(head->header("Accept-Encoding"));
  if (packs) frame.gzipped = co_await pack_body();
  if (frame.gzipped) {
    body = &response.body;
    exchange_->answer_lease.shrink(exchange_->answer_lease.size() - std::min(exchange_->answer_lease.size(), body->size()));
  }
  if (streams) {
    frame.chunked = frame.version == 11;
    if (!frame.chunked) exchange_->close = true;
  } else if (body_allowed) {
    frame.content_length = body->size();
  }
  frame.keep_alive = !exchange_->close;
  const bool head_only = head != nullptr && head->head_only;
  frame.date = date_;  // not earlier: the sweep may renew it while the body is packed
  for (auto& header : exchange_->admission.headers) response.headers.push_back(std::move(header));
  out_.clear();
  append_response_head(out_, response, frame);
  bool written = false;
  if (streams && !head_only) {
    written = co_await write_stream(frame.chunked);
  } else {
    boost::asio::const_buffer rest;
    if (body_allowed && !head_only) {
      if (body->size() <= (wire_.secure() ? kJoinedTlsBody : kJoinedBody)) {
        out_ += *body;
      } else {
        rest = boost::asio::buffer(*body);
      }
    }
    written = co_await write_all({boost::asio::buffer(out_), rest, {}});
  }
  const bool timed = head != nullptr && !response.endless;
  const std::chrono::duration<double> took = Clock::now() - exchange_->began;
  const std::string_view method = head == nullptr ? "other" : head_only ? "HEAD" : std::string_view(head->method);
  edge_.metrics.answered(method, response.status, timed ? took.count() : -1);
  // What the answer and its request hold is given back before the next request is waited for.
  exchange_->response = {};
  exchange_->answer_lease.release();
  if (exchange_->request && !written) exchange_->request->gone->store(true, std::memory_order_relaxed);
  co_return written;
}

// A body that only this answer holds is counted. How the server is must be told in any case, and what is small counts as a part
// of its connection.
bool Connection::must_hold_answer() const {
  const Response& response = exchange_->response;
  return !response.stream && !response.shared_body && response.body.size() > kJoinedBody && !exchange_->admission.operations_critical;
}

// Who does not take his answer makes room for this one. False: there is none.
boost::asio::awaitable<bool> Connection::hold_answer(std::size_t size) {
  const std::size_t bytes = std::min(size, edge_.answer_memory.limit());
  std::optional<ByteBudget::Lease> lease = edge_.answer_memory.take(bytes);
  for (bool room = true; !lease && room;) {
    room = co_await make_room(edge_.answers);
    lease = edge_.answer_memory.take(bytes);
  }
  if (lease) exchange_->answer_lease = std::move(*lease);
  co_return lease.has_value();
}

boost::asio::awaitable<bool> Connection::write_stream(bool chunked) {
  Response& response = exchange_->response;
  const bool opened = co_await write_all({boost::asio::buffer(out_), {}, {}});
  if (!opened) {
    peer_left();
    co_return false;
  }
  for (;;) {
    enter(Phase::streaming);
    if (response.endless && edge_.draining.load(std::memory_order_relaxed)) response.stream->cancel();
    std::optional<std::string> piece;
    try {
      piece = co_await response.stream->next();
    } catch (const std::exception& error) {
      log::warn("http", "A streamed answer broke off.", {{"error", error.what()}});
      cut_ = true;
    }
    if (cut_) co_return false;
    if (!piece) break;
    if (piece->empty()) continue;
    // A stream that began is not refused any more: a piece for which there is no room goes uncounted.
    exchange_->asked = 0;
    if (piece->size() > kJoinedBody) co_await hold_answer(piece->size());
    if (cut_) co_return false;
    const std::string line = chunked ? chunk_line(piece->size()) : std::string();
    const std::string_view end = chunked ? std::string_view("\r\n") : std::string_view();
    const bool written =
        co_await write_all({boost::asio::buffer(line), boost::asio::buffer(*piece), boost::asio::buffer(end)});
    exchange_->answer_lease.release();
    if (!written) {
      exchange_->request->gone->store(true, std::memory_order_relaxed);
      response.stream->cancel();
      co_return false;
    }
  }
  if (!chunked) co_return true;
  const bool ended = co_await write_all({boost::asio::buffer(kLastChunk), {}, {}});
  co_return ended;
}

// False: it goes as it is, because too many are packed already.
boost::asio::awaitable<bool> Connection::pack_body() {
  Response& response = exchange_->response;
  const std::string& body = response.shared_body ? *response.shared_body : response.body;
  std::string packed;
  if (body.size() <= kPackedHere) {
    packed = gzip(body, 1);
  } else {
    auto work = [&body] { return gzip(body, 1); };
    Result<std::string> made = co_await offload(edge_.pack_pool, std::move(work));
    if (!made) co_return false;
    packed = std::move(*made);
  }
  response.shared_body.reset();
  response.body = std::move(packed);
  co_return true;
}

boost::asio::awaitable<bool> Connection::write_all(std::array<boost::asio::const_buffer, 3> buffers) {
  std::size_t left = boost::asio::buffer_size(buffers);
  boost::system::error_code failed;
  const Deadlines& deadlines = edge_.options.deadlines;
  const std::size_t held = exchange_->answer_lease.size();
  HolderPlace place(edge_.answers, *this);
  if (held > 0) {
    const Clock::time_point now = Clock::now();
    place.join(exchange_->address, now);
    place.moved(0, held, now);
  }
  while (left > 0) {
    enter(Phase::writing, std::chrono::ceil<std::chrono::milliseconds>(write_credit_));
    std::size_t written = co_await wire_.write_some(buffers, failed);
    if (failed || cut_) co_return false;
    left -= written;
    if (left > 0) {
      // What it took pays for more time, as with bodies; the server's own time is not counted.
      const Clock::time_point now = Clock::now();
      const auto bought = std::chrono::milliseconds(written * 1000 / std::max<std::size_t>(deadlines.answer_min_rate, 1));
      write_credit_ = std::clamp<Clock::duration>(write_credit_ - (now - phase_began_) + bought, {}, deadlines.write_stall);
      place.moved(written, held, now);
    }
    for (boost::asio::const_buffer& buffer : buffers) {
      const std::size_t part = std::min(written, buffer.size());
      buffer += part;
      written -= part;
    }
  }
  deadline_.reset();
  co_return true;
}

// `linger`: bytes of the client may still be on their way; closing at once would reset the connection and could lose
// the answer.
boost::asio::awaitable<void> Connection::hang_up(bool linger) {
  boost::system::error_code failed;
  enter(Phase::lingering, edge_.options.deadlines.linger);
  if (!wire_.socket().is_open()) co_return;
  if (wire_.secure()) {
    if (!linger) wire_.shut_tls();
  } else {
    wire_.socket().shutdown(Wire::Socket::shutdown_send, failed);
  }
  if (!linger) co_return;
  std::size_t dropped = buffer_.size();
  buffer_.clear();
  while (dropped < kLingerBytes) {
    const bool more = co_await read_more();
    if (!more) break;
    dropped += buffer_.size();
    buffer_.clear();
  }
}

// After a handshake that failed. The alert that tells why is lost when the socket closes on bytes that were not read.
boost::asio::awaitable<void> Connection::read_away() {
  if (expired_ || cut_ || !wire_.socket().is_open()) co_return;
  wire_.go_plain();
  co_await hang_up(true);
}

}  // namespace penstock::http
