#include "http/connection.hpp"

#include <exception>

#include "base/log.hpp"

namespace penstock::http {

Connection::Connection(Edge& edge, Neighbours& neighbours, Wire::Socket socket, Guest guest, const std::string& date)
    : edge_(edge),
      neighbours_(neighbours),
      wire_(std::move(socket), edge.tls()),
      guest_(std::move(guest)),
      own_bytes_(guest_.memory.size()),
      date_(date),
      read_size_(kSmallRead),
      phase_began_(Clock::now()),
      write_credit_(edge.options.deadlines.write_stall) {
  if (guest_.turned_away) edge_.turned_away.fetch_add(1, std::memory_order_relaxed);
  edge_.metrics.connections_changed(1);
  edge_.connection_begins();
}

Connection::~Connection() {
  if (guest_.turned_away) {
    edge_.turned_away.fetch_sub(1, std::memory_order_relaxed);
  } else {
    edge_.seats.give_back(guest_.seat);
  }
  edge_.metrics.connections_changed(-1);
  edge_.connection_ends();
}

boost::asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
  try {
    co_await self->serve();
  } catch (const std::exception& error) {
    log::error("http", "A connection ended by an error.", {{"peer", self->guest_.peer}, {"error", error.what()}});
  }
  self->exchange_.reset();
  self->enter(Phase::over);
  self->wire_.close();
}

boost::asio::awaitable<void> Connection::serve() {
  if (wire_.secure()) {
    enter(Phase::handshake, edge_.options.deadlines.handshake);
    boost::system::error_code failed;
    const bool plain = co_await wire_.begins_in_the_clear(failed);
    if (plain) {
      edge_.metrics.refused("plain_on_tls");
      co_await answer_once(ErrorCode::malformed_request, "This port speaks TLS: use https:// in place of http://.");
      co_return;
    }
    if (!failed) co_await wire_.handshake(failed);
    if (failed) {
      edge_.metrics.refused(expired_ ? "handshake_timeout" : "handshake");
      co_await read_away();  // else what the client sends already would keep it from reading why
      co_return;
    }
    client_certificate_ = wire_.client_certificate();
  }
  if (guest_.turned_away) {
    co_await answer_once(ErrorCode::overloaded, "There are too many connections already: send this again in a moment, and on fewer.");
    co_return;
  }
  for (bool stay = true; stay;) stay = co_await serve_one();
}

// A refusal that a client and its operator can read. It waits for a byte of the request: an answer to nothing is an error to many.
boost::asio::awaitable<void> Connection::answer_once(ErrorCode code, const char* message) {
  exchange_.emplace();
  exchange_->began = Clock::now();
  enter(Phase::lingering, edge_.options.deadlines.linger);
  const bool asked = co_await read_more();
  if (!asked) co_return;
  refuse({code, message, ""}, true);
  const bool answered = co_await answer();
  if (answered) co_await hang_up(true);
}

boost::asio::awaitable<bool> Connection::serve_one() {
  exchange_.emplace();
  head_size_ = 0;
  bool run = co_await read_head();
  if (!run && exchange_->response.status == 0) {
    co_await hang_up(false);
    co_return false;
  }
  if (run) {
    run = examine_head();
    buffer_.consume(head_size_);
  }
  if (run && exchange_->admission.later) run = co_await wait_for_admission();
  if (run) run = judge_admission();
  if (run && exchange_->facts.has_body()) run = co_await read_body();
  if (run) co_await handle();
  if (cut_) co_return false;
  if (edge_.draining.load(std::memory_order_relaxed)) exchange_->close = true;
  const bool answered = co_await answer();
  if (!answered) co_return false;
  const bool unread = !exchange_->parser || !exchange_->parser->done();
  if (unread && !exchange_->close) {
    const bool skipped = co_await skip_body();
    if (!skipped) exchange_->close = true;
  }
  if (exchange_->close) co_await hang_up(unread || buffer_.size() > 0);
  co_return !exchange_->close;
}

boost::asio::awaitable<bool> Connection::read_head() {
  exchange_->response.status = 0;
  std::size_t scanned = 0;
  if (buffer_.size() == 0) {
    hold_little();
    enter(Phase::idle, edge_.options.deadlines.idle);
    if (edge_.draining.load(std::memory_order_relaxed)) co_return false;
    const bool more = co_await read_more();
    if (!more) co_return false;
  }
  enter(Phase::header, edge_.options.deadlines.header);
  for (;;) {
    // Some clients end a body with a line break that belongs to nothing (RFC 9112, 2.2).
    while (scanned == 0 && unread().starts_with("\r\n")) buffer_.consume(2);
    const std::string_view bytes = unread();
    const HeadScan scan = scan_head(bytes, scanned);
    if (scan.state == HeadScan::State::malformed) {
      refuse({ErrorCode::malformed_request, "This is not HTTP/1.1: lines end in CR LF.", ""}, true);
      co_return false;
    }
    const bool complete = scan.state == HeadScan::State::complete;
    if ((complete ? scan.size : bytes.size()) > edge_.options.max_header_bytes) {
      refuse({ErrorCode::header_too_large,
              "The header is larger than " + std::to_string(edge_.options.max_header_bytes) + " bytes.", ""}, true);
      co_return false;
    }
    if (complete) {
      head_size_ = scan.size;
      co_return true;
    }
    scanned = bytes == "\r" ? 0 : bytes.size();
    const bool more = co_await read_more();
    if (more) continue;
    if (expired_) refuse({ErrorCode::timeout, "The request's header did not come in time.", ""}, true);
    if (starved_) refuse({ErrorCode::overloaded, "Too many requests are unfinished already: send this again in a moment.", ""}, true);
    co_return false;
  }
}

bool Connection::examine_head() {
  const std::string_view head = unread().substr(0, head_size_);
  exchange_->began = Clock::now();
  served_ = true;
  const Result<HeadFacts> facts = check_head(head, edge_.options.max_header_fields);
  if (!facts) {
    refuse(facts.error(), facts.error().field == "Expect" ? 417 : status_of(facts.error().code), true);
    return false;
  }
  exchange_->facts = *facts;
  exchange_->close = !facts->keep_alive;
  exchange_->request = std::make_shared<Request>();
  exchange_->request->gone = std::make_shared<StopFlag>(false);
  RequestHead& request_head = exchange_->request->head;
  exchange_->parser.emplace(request_head);
  if (const Result<void> parsed = exchange_->parser->parse_head(head); !parsed) {
    refuse(parsed.error(), true);
    return false;
  }
  request_head.peer = guest_.peer;
  request_head.secure = wire_.secure();
  request_head.client_certificate = client_certificate_;
  if (request_head.method == "HEAD") {
    request_head.method = "GET";
    request_head.head_only = true;
  }
  if (!request_head.set_target(std::string(request_head.target))) {
    refuse({ErrorCode::invalid_request, "The request target is not a well-formed path and query.", ""}, false);
    return false;
  }
  if (!know_client()) return false;
  try {
    exchange_->admission = edge_.handler.admit(request_head);
  } catch (const std::exception& error) {
    log::error("http", "A request could not be judged.", {{"path", request_head.path}, {"error", error.what()}});
    refuse({ErrorCode::internal, "The server met an error of its own; it is in its log.", ""}, false);
    return false;
  }
  return true;
}

boost::asio::awaitable<bool> Connection::wait_for_admission() {
  enter(Phase::handling);
  const auto later = std::move(exchange_->admission.later);
  exchange_->admission = {};
  try {
    exchange_->admission = co_await later();
    co_return true;
  } catch (const std::exception& error) {
    log::error("http", "A request could not be judged.", {{"path", exchange_->request->head.path}, {"error", error.what()}});
  }
  refuse({ErrorCode::internal, "The server met an error of its own; it is in its log.", ""}, false);
  co_return false;
}

bool Connection::judge_admission() {
  if (exchange_->admission.refuse) {
    exchange_->response = std::move(*exchange_->admission.refuse);
    if (!can_skip_body()) exchange_->close = true;
    return false;
  }
  if (lacks_length()) {
    refuse({ErrorCode::length_required, "Say how long the body is: Content-Length, or Transfer-Encoding: chunked.", ""}, true);
    return false;
  }
  return !exchange_->facts.has_body() || admit_body();
}

// Whom a trusted proxy asks for: that client's requests count as the connections of others do.
bool Connection::know_client() {
  exchange_->address = guest_.seat;
  if (!guest_.trusted) return true;
  RequestHead& head = exchange_->request->head;
  const auto client = forwarded_client(head, edge_.proxies);
  if (!client) return true;
  head.peer = client->to_string();
  if (edge_.proxies.trusts(*client)) return true;
  exchange_->address = ConnectionSeats::key_of(*client);
  if (!edge_.seats.take_request(exchange_->address)) {
    refuse({ErrorCode::overloaded, "Too many requests of your address are under way: send this again in a moment.", ""}, false);
    return false;
  }
  exchange_->seat = RequestSeat(edge_.seats, exchange_->address);
  return true;
}

// Without a length there is no body (RFC 9112, 6.3); a client that meant to send one would be told that nothing is in it.
bool Connection::lacks_length() const {
  const std::string& method = exchange_->request->head.method;
  if (exchange_->admission.max_body == 0 || exchange_->admission.body_optional) return false;
  if (exchange_->facts.chunked || exchange_->facts.content_length) return false;
  return method == "POST" || method == "PUT" || method == "PATCH";
}

boost::asio::awaitable<void> Connection::handle() {
  enter(Phase::handling);
  exchange_->request->context = exchange_->admission.context;
  try {
    exchange_->response = co_await edge_.handler.handle(exchange_->request);
  } catch (const std::exception& error) {
    log::error("http", "A request could not be handled.",
               {{"path", exchange_->request->head.path}, {"error", error.what()}});
    refuse({ErrorCode::internal, "The server met an error of its own; it is in its log.", ""}, false);
  }
  release_body();
}

// Unless somebody else still holds the request, its bytes need not wait until the answer is written.
void Connection::release_body() {
  if (exchange_->parser) exchange_->parser->set_body(nullptr);
  exchange_->body.reset();
  if (exchange_->request.use_count() != 1) return;
  exchange_->request->body = {};
  exchange_->request->lease = {};
}

void Connection::enter(Phase phase) {
  phase_ = phase;
  deadline_.reset();
}

void Connection::enter(Phase phase, std::chrono::milliseconds patience) {
  phase_ = phase;
  expired_ = false;
  phase_began_ = Clock::now();
  deadline_ = phase_began_ + patience;
}

void Connection::refuse(const Error& error, int status, bool close) {
  edge_.metrics.refused(error_name(error.code));
  exchange_->response = error_response(status, error);
  exchange_->close = exchange_->close || close || !can_skip_body();
  release_body();
}

void Connection::expire(Clock::time_point now) {
  if (!deadline_ || now < *deadline_) return;
  deadline_.reset();
  expired_ = true;
  switch (phase_) {
    case Phase::header:
    case Phase::body: wire_.cancel(); break;  // the coroutine answers 408
    case Phase::writing:
      edge_.metrics.refused("write_stall");
      wire_.abort();
      break;
    default: wire_.close();
  }
}

void Connection::peer_left() {
  if (exchange_ && exchange_->request) exchange_->request->gone->store(true, std::memory_order_relaxed);
  if (phase_ == Phase::streaming) exchange_->response.stream->cancel();
}

void Connection::begin_drain() {
  if (phase_ == Phase::idle) wire_.close();
  if (phase_ == Phase::streaming && exchange_->response.endless) exchange_->response.stream->cancel();
}

void Connection::cut() {
  cut_ = true;
  peer_left();
  wire_.close();
}

}  // namespace penstock::http
