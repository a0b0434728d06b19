#include "http/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>

#include "http/peer_certificate.hpp"

namespace penstock::http {
namespace {

// What an operation before left behind, of this thread's other sessions too.
void begin() {
  ERR_clear_error();
  errno = 0;
}

int socket_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int read_socket(BIO* bio, char* bytes, int size) {
  const ssize_t got = recv(socket_of(bio), bytes, static_cast<std::size_t>(size), 0);
  BIO_clear_retry_flags(bio);
  if (got < 0 && would_block()) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

// Unlike OpenSSL's own socket BIO no signal comes of a peer that has left.
int write_socket(BIO* bio, const char* bytes, int size) {
  const ssize_t sent = send(socket_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  BIO_clear_retry_flags(bio);
  if (sent < 0 && would_block()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long control_socket(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without a signal");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, read_socket);
    BIO_meth_set_write(made, write_socket);
    BIO_meth_set_ctrl(made, control_socket);
    return made;
  }();
  return method;
}

}  // namespace

TlsSession::TlsSession(boost::asio::ssl::context& context, int socket) : session_(SSL_new(context.native_handle())) {
  BIO* bio = session_ ? BIO_new(socket_method()) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
  SSL_set_mode(session_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_set_accept_state(session_.get());
}

TlsSession::Step TlsSession::outcome(int code, std::size_t bytes) {
  if (code > 0) return {Needs::nothing, bytes, {}};
  const int system = errno;
  switch (SSL_get_error(session_.get(), code)) {
    case SSL_ERROR_WANT_READ: return {Needs::to_read, 0, {}};
    case SSL_ERROR_WANT_WRITE: return {Needs::to_write, 0, {}};
    case SSL_ERROR_ZERO_RETURN: return {Needs::nothing, 0, boost::asio::error::eof};
    case SSL_ERROR_SYSCALL:
      return {Needs::nothing, 0, boost::system::error_code(system != 0 ? system : ECONNRESET, boost::system::system_category())};
    default: {
      const boost::system::error_code failed(static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
      return {Needs::nothing, 0, failed ? failed : boost::asio::ssl::error::stream_truncated};
    }
  }
}

TlsSession::Step TlsSession::handshake() {
  begin();
  return outcome(SSL_do_handshake(session_.get()), 0);
}

std::shared_ptr<const PeerCertificate> TlsSession::peer() const {
  const std::unique_ptr<X509, Freed<X509_free>> certificate(SSL_get1_peer_certificate(session_.get()));
  if (!certificate || SSL_get_verify_result(session_.get()) != X509_V_OK) return nullptr;
  return std::make_shared<const PeerCertificate>(peer_certificate(certificate.get()));
}

TlsSession::Step TlsSession::read(boost::asio::mutable_buffer buffer) {
  begin();
  std::size_t got = 0;
  const int code = SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &got);
  return outcome(code, got);
}

TlsSession::Step TlsSession::write(std::span<const boost::asio::const_buffer> buffers) {
  while (!buffers.empty() && buffers.front().size() == 0) buffers = buffers.subspan(1);
  if (buffers.empty()) return {};
  begin();
  boost::asio::const_buffer first = buffers.front();
  // Small pieces leave in one record.
  std::array<char, 4096> joined;
  if (first.size() < joined.size() && buffers.size() > 1) {
    std::size_t size = 0;
    for (const boost::asio::const_buffer& buffer : buffers) {
      const std::size_t part = std::min(buffer.size(), joined.size() - size);
      if (part > 0) std::memcpy(joined.data() + size, buffer.data(), part);
      size += part;
    }
    first = {joined.data(), size};
  }
  std::size_t sent = 0;
  const int code = SSL_write_ex(session_.get(), first.data(), first.size(), &sent);
  return outcome(code, sent);
}

TlsSession::Step TlsSession::shut_down() {
  begin();
  const int code = SSL_shutdown(session_.get());
  return code >= 0 ? Step{} : outcome(code, 0);
}

}  // namespace penstock::http
