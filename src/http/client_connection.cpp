#include "http/client_connection.hpp"

#include <openssl/ssl.h>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

#include "http/client_tls.hpp"
#include "http/outward.hpp"
#include "http/resolve.hpp"

namespace penstock::http {
namespace {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;

bool is_over(const Error& error) { return error.code == ErrorCode::timeout || error.code == ErrorCode::canceled; }

std::string std_string(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<void> ClientConnection::finish(const boost::system::error_code& failed, Deadline deadline, const char* what) {
  constexpr std::chrono::milliseconds kLook{50};
  context_.restart();
  bool given_up = false;
  do {
    context_.run_until(options_.given_up ? std::min(deadline, std::chrono::steady_clock::now() + kLook) : deadline);
    given_up = !context_.stopped() && options_.given_up && options_.given_up();
  } while (!context_.stopped() && !given_up && std::chrono::steady_clock::now() < deadline);
  if (!context_.stopped()) {
    boost::system::error_code ignored;
    socket_.close(ignored);
    context_.run();
    if (given_up) return Error{ErrorCode::canceled, std::string("The server was not waited for any longer (") + what + ").", ""};
    return Error{ErrorCode::timeout, std::string("The server did not answer in time (") + what + ").", ""};
  }
  if (!failed) return {};
  // In TLS 1.3 a server may refuse the client's certificate after the client took the handshake for done.
  if (tls_) {
    if (auto refused = tls_failure(failed, tls_->native_handle(), server_, unpinned_)) return std::move(*refused);
  }
  return Error{ErrorCode::io_error, std::string("The connection failed (") + what + "): " + failed.message() + ".", ""};
}

Result<std::vector<asio::ip::address>> ClientConnection::addresses_of(const ClientUrl& url, Deadline deadline) {
  if (options_.guard && !is_spelled_plainly(url.host)) {
    return Error{ErrorCode::forbidden, "The host " + url.host + " is an address in an unusual spelling: write it as 192.0.2.1 or [2001:db8::1].", "url"};
  }
  Result<std::vector<asio::ip::address>> found = std::vector<asio::ip::address>();
  if (options_.lookup) {
    for (const std::string& text : options_.lookup(url.host)) found->push_back(asio::ip::make_address(text));
  } else {
    found = resolve(url.host, deadline, options_.given_up);
  }
  if (!found || !options_.guard) return found;
  for (const asio::ip::address& address : *found) {
    const auto why = options_.guard->refuses(address);
    if (!why) continue;
    return Error{ErrorCode::forbidden, "The host " + url.host + " has the address " + address.to_string() + ", which is " + std::string(*why) +
                                           ": such addresses are called only where allow_cidrs lists them.", "url"};
  }
  return found;
}

Result<void> ClientConnection::open(const ClientUrl& url, Deadline deadline) {
  server_ = url.host_field;
  const auto found = addresses_of(url, deadline);
  if (!found) return found.error();
  Result<void> connected = Error{ErrorCode::io_error, "The host " + url.host + " has no address.", "url"};
  for (const asio::ip::address& address : *found) {
    connected = connect({address, static_cast<std::uint16_t>(std::stoi(url.port))}, deadline);
    if (connected || is_over(connected.error())) break;
  }
  if (!connected) return connected;
  key_ = key_of(url);
  return url.secure ? shake_hands(url, deadline) : Result<void>{};
}

Result<void> ClientConnection::connect(const tcp::endpoint& endpoint, Deadline deadline) {
  boost::system::error_code failed;
  socket_.close(failed);
  socket_.async_connect(endpoint, [&failed](boost::system::error_code error) { failed = error; });
  Result<void> connected = finish(failed, deadline, "connect");
  if (connected) socket_.set_option(tcp::no_delay(true), failed);
  return connected;
}

bool ClientConnection::is_pinned(const std::string& fingerprint) {
  const bool found = std::find(options_.tls.pins.begin(), options_.tls.pins.end(), fingerprint) != options_.tls.pins.end();
  unpinned_ = found ? std::string() : fingerprint;
  return found;
}

Result<void> ClientConnection::shake_hands(const ClientUrl& url, Deadline deadline) {
  tls_.emplace(socket_, tls_context_);
  // A dot at the end says that the name is whole; certificates and SNI (RFC 6066) do without.
  const std::string name = url.host.ends_with('.') ? url.host.substr(0, url.host.size() - 1) : url.host;
  boost::system::error_code is_name;
  asio::ip::make_address(name, is_name);
  if (is_name) {
    // SSL_set_tlsext_host_name is a macro with an old-style cast.
    std::string indicated = name;
    SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, indicated.data());
  }
  if (options_.tls.verify && !options_.tls.pins.empty()) {
    tls_->set_verify_callback([this](bool, asio::ssl::verify_context& chain) { return is_pinned(fingerprint_of(chain)); });
  } else if (options_.tls.verify) {
    tls_->set_verify_callback(asio::ssl::host_name_verification(name));
  }
  boost::system::error_code failed;
  tls_->async_handshake(asio::ssl::stream_base::client, [&failed](boost::system::error_code error) { failed = error; });
  return finish(failed, deadline, "TLS handshake");
}

Result<ClientResponse> ClientConnection::exchange(const std::string& head, std::string_view body, bool head_only,
                                                  Deadline deadline, bool& answered) {
  answered = false;
  reusable_ = false;
  boost::system::error_code failed;
  const std::array<asio::const_buffer, 2> bytes{asio::buffer(head), asio::buffer(body)};
  const auto done = [&failed](boost::system::error_code error, std::size_t) { failed = error; };
  if (tls_) {
    asio::async_write(*tls_, bytes, done);
  } else {
    asio::async_write(socket_, bytes, done);
  }
  Result<void> sent = finish(failed, deadline, "send");
  if (!sent && is_over(sent.error())) return sent.error();
  // A server may refuse before it has read everything, and close: its answer counts then.
  Result<ClientResponse> response = read_answer(head_only, deadline, answered);
  if (!sent) reusable_ = false;
  return response;
}

Result<ClientResponse> ClientConnection::read_answer(bool head_only, Deadline deadline, bool& answered) {
  constexpr int kMostInterim = 8;
  for (int interim = 0;; ++interim) {
    beast_http::response_parser<beast_http::string_body> parser;
    parser.body_limit(options_.max_answer_bytes);
    parser.skip(head_only);
    boost::system::error_code failed;
    const auto done = [&failed](boost::system::error_code error, std::size_t) { failed = error; };
    if (tls_) {
      beast_http::async_read(*tls_, buffer_, parser, done);
    } else {
      beast_http::async_read(socket_, buffer_, parser, done);
    }
    const Result<void> read = finish(failed, deadline, "receive");
    answered = answered || parser.got_some();
    if (failed == beast_http::error::body_limit) {
      return Error{ErrorCode::too_large, "The answer is larger than " + std::to_string(options_.max_answer_bytes) +
                                             " bytes.", ""};
    }
    if (!read && failed.category() == make_error_code(beast_http::error::bad_version).category() &&
        failed != beast_http::error::end_of_stream && failed != beast_http::error::partial_message) {
      return Error{ErrorCode::malformed_request, "The answer is not HTTP: " + failed.message() + ".", ""};
    }
    if (!read) return read.error();
    if (parser.get().result_int() / 100 == 1) {
      if (interim < kMostInterim) continue;
      return Error{ErrorCode::malformed_request, "The server only promises an answer, again and again.", ""};
    }
    reusable_ = parser.keep_alive();
    ClientResponse response;
    response.status = static_cast<int>(parser.get().result_int());
    for (const auto& field : parser.get()) {
      response.headers.emplace_back(std_string(field.name_string()), std_string(field.value()));
    }
    response.body = std::move(parser.get().body());
    return response;
  }
}

}  // namespace penstock::http
