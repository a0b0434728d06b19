// One connection of the client, with a deadline over everything that is done on it. Of this room's insides.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "http/client_url.hpp"

namespace penstock::http {

class ClientConnection {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  // `tls` is used for https only; it must outlive the connection.
  ClientConnection(const ClientOptions& options, boost::asio::ssl::context& tls)
      : options_(options), tls_context_(tls) {}

  Result<void> open(const ClientUrl& url, Deadline deadline);
  // Sends a whole request and reads its answer. `answered` tells whether any byte of an answer came.
  Result<ClientResponse> exchange(const std::string& head, std::string_view body, bool head_only, Deadline deadline,
                                  bool& answered);
  bool fits(const ClientUrl& url) const { return key_ == key_of(url); }
  bool reusable() const { return reusable_; }

 private:
  static constexpr std::size_t kMostBuffered = 128 * 1024;  // whatever a server sends between the pieces of a body

  static std::string key_of(const ClientUrl& url) { return (url.secure ? "s:" : "p:") + url.host + ":" + url.port; }
  // Those that may be called, or why not.
  Result<std::vector<boost::asio::ip::address>> addresses_of(const ClientUrl& url, Deadline deadline);
  Result<void> connect(const boost::asio::ip::tcp::endpoint& endpoint, Deadline deadline);
  bool is_pinned(const std::string& fingerprint);
  Result<void> shake_hands(const ClientUrl& url, Deadline deadline);
  Result<ClientResponse> read_answer(bool head_only, Deadline deadline, bool& answered);
  // Runs what was started; past the deadline the socket is closed and what was started ends by that.
  Result<void> finish(const boost::system::error_code& failed, Deadline deadline, const char* what);

  const ClientOptions& options_;
  boost::asio::ssl::context& tls_context_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::socket socket_{context_};
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::beast::flat_buffer buffer_{kMostBuffered};
  std::string server_;    // as errors name it
  std::string unpinned_;  // the fingerprint of its certificate, when that is not pinned
  std::string key_;
  bool reusable_ = false;
};

}  // namespace penstock::http
