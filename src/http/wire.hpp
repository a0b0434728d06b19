// A connection's socket, plain or under TLS. Of this room's insides.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

#include "http/tls_session.hpp"

namespace penstock::http {

// Belongs to one io thread. An operation's error goes to `failed`, which must live until it ends, as the buffers must.
class Wire {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Pieces = std::array<boost::asio::const_buffer, 3>;

  // `tls` null: plain.
  Wire(Socket socket, std::shared_ptr<boost::asio::ssl::context> tls);

  // The TLS session refers to the socket beside it.
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool secure() const { return tls_.has_value(); }
  Socket& socket() { return socket_; }
  // From any thread: it is that of the connection for ever.
  Socket::executor_type executor() { return socket_.get_executor(); }

  boost::asio::awaitable<std::size_t> read_some(boost::asio::mutable_buffer buffer, boost::system::error_code& failed) {
    if (tls_) return read_tls(buffer, failed);
    return socket_.async_read_some(buffer, boost::asio::redirect_error(boost::asio::use_awaitable, failed));
  }
  boost::asio::awaitable<std::size_t> write_some(Pieces pieces, boost::system::error_code& failed) {
    if (tls_) return write_tls(pieces, failed);
    return socket_.async_write_some(pieces, boost::asio::redirect_error(boost::asio::use_awaitable, failed));
  }
  boost::asio::awaitable<void> handshake(boost::system::error_code& failed);
  // Waits for the client's first byte: whether it begins a request in the clear, of somebody who took this port for a plain one. Then the
  // connection is plain from now on.
  boost::asio::awaitable<bool> begins_in_the_clear(boost::system::error_code& failed);
  // After the handshake; null: the client showed no certificate.
  std::shared_ptr<const PeerCertificate> client_certificate() const { return tls_ ? tls_->peer() : nullptr; }
  // For a TLS connection that never came to be.
  void go_plain() { tls_.reset(); }
  // Says that nothing more is sent, and does not wait for an answer to that.
  void shut_tls();

  // Ends operations under way with operation_aborted; the connection stays.
  void cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
  }
  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }
  // Closes, and throws away what the peer has not taken: the kernel would keep it, for minutes, for a peer that does not read.
  void abort() {
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
  }

 private:
  boost::asio::awaitable<std::size_t> read_tls(boost::asio::mutable_buffer buffer, boost::system::error_code& failed);
  boost::asio::awaitable<std::size_t> write_tls(Pieces pieces, boost::system::error_code& failed);
  boost::asio::awaitable<void> wait_for(TlsSession::Needs needs, boost::system::error_code& failed);

  Socket socket_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::optional<TlsSession> tls_;
};

}  // namespace penstock::http
