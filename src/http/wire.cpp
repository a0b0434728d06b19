#include "http/wire.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "base/ascii.hpp"

namespace penstock::http {

using boost::asio::use_awaitable;

Wire::Wire(Socket socket, std::shared_ptr<boost::asio::ssl::context> tls) : socket_(std::move(socket)), context_(std::move(tls)) {
  if (!context_) return;
  boost::system::error_code failed;  // then the socket is of no use, and the first step will tell
  socket_.native_non_blocking(true, failed);
  tls_.emplace(*context_, socket_.native_handle());
}

// A step that went through at once gives way to the others of this thread, as an operation on the bare socket does. One on a socket
// that was closed meanwhile would meet another connection, which got the same number.
boost::asio::awaitable<void> Wire::wait_for(TlsSession::Needs needs, boost::system::error_code& failed) {
  switch (needs) {
    case TlsSession::Needs::nothing: co_await boost::asio::post(use_awaitable); break;
    case TlsSession::Needs::to_read:
      co_await socket_.async_wait(Socket::wait_read, boost::asio::redirect_error(use_awaitable, failed));
      break;
    case TlsSession::Needs::to_write:
      co_await socket_.async_wait(Socket::wait_write, boost::asio::redirect_error(use_awaitable, failed));
      break;
  }
  if (!socket_.is_open()) failed = boost::asio::error::operation_aborted;
}

boost::asio::awaitable<void> Wire::handshake(boost::system::error_code& failed) {
  failed = {};
  for (bool done = false; !done && !failed;) {
    const TlsSession::Step step = tls_->handshake();
    failed = step.failed;
    done = step.needs == TlsSession::Needs::nothing;
    if (!failed) co_await wait_for(step.needs, failed);
  }
}

boost::asio::awaitable<bool> Wire::begins_in_the_clear(boost::system::error_code& failed) {
  failed = {};
  co_await wait_for(TlsSession::Needs::to_read, failed);
  if (failed) co_return false;
  char first = 0;
  // A handshake begins with the byte 22, and a request with a letter.
  const bool plain = ::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && is_letter(first);
  if (plain) go_plain();
  co_return plain;
}

boost::asio::awaitable<std::size_t> Wire::read_tls(boost::asio::mutable_buffer buffer, boost::system::error_code& failed) {
  failed = {};
  std::size_t got = 0;
  if (!socket_.is_open()) failed = boost::asio::error::operation_aborted;
  for (bool done = false; !done && !failed;) {
    const TlsSession::Step step = tls_->read(buffer);
    failed = step.failed;
    got = step.bytes;
    done = step.needs == TlsSession::Needs::nothing;
    if (!failed) co_await wait_for(step.needs, failed);
  }
  co_return got;
}

boost::asio::awaitable<std::size_t> Wire::write_tls(Pieces pieces, boost::system::error_code& failed) {
  failed = {};
  std::size_t sent = 0;
  if (!socket_.is_open()) failed = boost::asio::error::operation_aborted;
  for (bool done = false; !done && !failed;) {
    const TlsSession::Step step = tls_->write(pieces);
    failed = step.failed;
    sent = step.bytes;
    done = step.needs == TlsSession::Needs::nothing;
    if (!failed) co_await wait_for(step.needs, failed);
  }
  co_return sent;
}

void Wire::shut_tls() {
  if (socket_.is_open()) tls_->shut_down();
}

}  // namespace penstock::http
