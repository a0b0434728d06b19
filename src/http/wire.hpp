// A connection's socket, plain or under TLS. Of this room's insides.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

namespace penstock::http {

// Belongs to one io thread. An operation's error goes to `failed`, which must live until it ends.
class Wire {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  // `tls` null: plain.
  Wire(Socket socket, std::shared_ptr<boost::asio::ssl::context> tls)
      : socket_(std::move(socket)), context_(std::move(tls)) {
    if (context_) tls_.emplace(socket_, *context_);
  }

  // The TLS stream refers to the socket beside it.
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  bool secure() const { return tls_.has_value(); }
  Socket& socket() { return socket_; }

  template <class Buffers>
  boost::asio::awaitable<std::size_t> read_some(Buffers buffers, boost::system::error_code& failed) {
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, failed);
    if (tls_) return tls_->async_read_some(buffers, token);
    return socket_.async_read_some(buffers, token);
  }
  template <class Buffers>
  boost::asio::awaitable<std::size_t> write_some(Buffers buffers, boost::system::error_code& failed) {
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, failed);
    if (tls_) return tls_->async_write_some(buffers, token);
    return socket_.async_write_some(buffers, token);
  }
  boost::asio::awaitable<void> handshake(boost::system::error_code& failed) {
    return tls_->async_handshake(boost::asio::ssl::stream_base::server,
                                 boost::asio::redirect_error(boost::asio::use_awaitable, failed));
  }
  boost::asio::awaitable<void> shut_tls(boost::system::error_code& failed) {
    return tls_->async_shutdown(boost::asio::redirect_error(boost::asio::use_awaitable, failed));
  }

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
  Socket socket_;
  std::shared_ptr<boost::asio::ssl::context> context_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
};

}  // namespace penstock::http
