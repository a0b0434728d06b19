// The server's end of one TLS connection, over its socket. Of this room's insides.
//
// Asio's own stream keeps 68 KiB of buffers for each connection, used or not: four fifths of all that one costs. Here OpenSSL reads
// from and writes to the socket itself, and gives its buffers back whenever they are empty.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>

#include "base/freed.hpp"
#include "http/request_head.hpp"

namespace penstock::http {

// One thread at a time. Never blocks: what cannot go on says what of the socket it waits for, and is called again then.
class TlsSession {
 public:
  enum class Needs { nothing, to_read, to_write };
  struct Step {
    Needs needs = Needs::nothing;
    std::size_t bytes = 0;
    boost::system::error_code failed;  // asio's eof at the other end's proper close
  };

  // `socket` must outlive it and be set to not block. The key and certificate are those of `context` now.
  TlsSession(boost::asio::ssl::context& context, int socket);

  Step handshake();
  // After the handshake: whom the other end's certificate names, which was verified; null: it showed none.
  std::shared_ptr<const PeerCertificate> peer() const;
  Step read(boost::asio::mutable_buffer buffer);
  // From the front of the buffers, as much as fits into one record; called again with the same bytes after it needed something.
  Step write(std::span<const boost::asio::const_buffer> buffers);
  // Tells the other end that nothing more comes, and does not wait for its word.
  Step shut_down();

 private:
  Step outcome(int code, std::size_t bytes);

  std::unique_ptr<SSL, Freed<SSL_free>> session_;
};

}  // namespace penstock::http
