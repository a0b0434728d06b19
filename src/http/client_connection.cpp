#include "http/client_connection.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>

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
  return Error{ErrorCode::io_error, std::string("The connection failed (") + what + "): " + failed.message() + ".", ""};
}

Result<void> ClientConnection::open(const ClientUrl& url, Deadline deadline) {
  boost::system::error_code failed;
  tcp::resolver resolver(context_);
  const auto found = resolver.resolve(url.host, url.port, failed);
  if (failed) {
    return Error{ErrorCode::io_error, "The host " + url.host + " cannot be found: " + failed.message() + ".", "url"};
  }
  Result<void> connected = Error{ErrorCode::io_error, "The host " + url.host + " has no address.", "url"};
  for (const auto& entry : found) {
    if (options_.allow_address && !options_.allow_address(entry.endpoint().address().to_string())) {
      connected = Error{ErrorCode::forbidden, "The host " + url.host + " has an address that may not be called.",
                        "url"};
      continue;
    }
    connected = connect(entry.endpoint(), deadline);
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

Result<void> ClientConnection::shake_hands(const ClientUrl& url, Deadline deadline) {
  tls_.emplace(socket_, tls_context_);
  boost::system::error_code is_name;
  asio::ip::make_address(url.host, is_name);
  if (is_name) {
    // SSL_set_tlsext_host_name is a macro with an old-style cast.
    std::string name = url.host;
    SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  }
  if (options_.verify_tls) tls_->set_verify_callback(asio::ssl::host_name_verification(url.host));
  boost::system::error_code failed;
  tls_->async_handshake(asio::ssl::stream_base::client, [&failed](boost::system::error_code error) { failed = error; });
  Result<void> done = finish(failed, deadline, "TLS handshake");
  if (done || is_over(done.error()) || failed.category() != asio::error::get_ssl_category()) return done;
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(failed.value()));
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    const long why = SSL_get_verify_result(tls_->native_handle());
    const bool named = why != X509_V_OK && why != X509_V_ERR_UNSPECIFIED;
    return Error{ErrorCode::io_error, "The certificate of " + url.host + " is not trusted: " +
                                          (named ? X509_verify_cert_error_string(why) : "it is for another name") + ".", "tls"};
  }
  if (reason == SSL_R_WRONG_VERSION_NUMBER) {
    return Error{ErrorCode::io_error, "The server does not speak TLS at " + url.host_field + ": use http://, or its port for TLS.", "tls"};
  }
  return done;
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
  for (;;) {
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
    if (parser.get().result_int() / 100 == 1) continue;
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
