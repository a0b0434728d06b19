// A small blocking HTTP/1.1 client, plain or TLS, with keep-alive: for the agent, `penstock send` and other outward
// calls. No redirects.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock::http {

struct ClientOptions {
  std::size_t max_answer_bytes = 8 * 1024 * 1024;
  bool verify_tls = true;            // the server's certificate and name
  std::string ca_file;               // PEM; empty: the system's
  std::string user_agent = "penstock";
  // Asked for each address a name resolves to, before connecting: false refuses it (outward calls must not reach inner
  // hosts).
  std::function<bool(std::string_view address)> allow_address;
  // Asked some twenty times a second while an exchange waits, on the thread that asked for it: true ends it with `canceled`. Name resolution
  // excepted.
  std::function<bool()> given_up;
};

using ClientHeaders = std::vector<std::pair<std::string, std::string>>;

struct ClientResponse {
  int status = 0;
  ClientHeaders headers;
  std::string body;
  // The first value of that name (any case), or empty.
  std::string_view header(std::string_view name) const;
};

// One thread at a time. Keeps the connection to the last host open, and tries once more on a fresh connection when a
// kept one turns out to be closed before any byte of an answer came (the server may then have seen the request twice:
// send an Idempotency-Key).
class Client {
 public:
  explicit Client(ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // `timeout` covers the whole exchange, name resolution excepted. Errors: invalid_request (the URL), timeout, io_error
  // (connection, TLS), too_large (the answer), malformed_request (the answer is not HTTP), forbidden (allow_address),
  // canceled (given_up). Of an io_error the field is "tls" when the certificate is not trusted or the server does not
  // speak TLS there. Any status is a value.
  Result<ClientResponse> request(std::string_view method, std::string_view url, const ClientHeaders& headers,
                                 std::string_view body, std::chrono::milliseconds timeout);
  // Drops the kept connection.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::http
