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

class OutwardPolicy;

// Whom a client trusts over https, and who it says it is.
struct ClientTls {
  bool verify = true;   // the server's certificate and name
  std::string ca_file;  // PEM, of those trusted; a server's own self-signed certificate may stand there. Empty: the system's.
  // Fingerprints (parse_fingerprint) of certificates that a server may show. Where there are any, one of them must be it: who signed it,
  // for which name and until when does not count.
  std::vector<std::string> pins;
  std::string certificate_file, key_file;  // PEM, the client's own; empty: none
};

struct ClientOptions {
  std::size_t max_answer_bytes = 8 * 1024 * 1024;  // of its body; its head may have 8 KiB
  ClientTls tls;
  std::string user_agent = "penstock";
  // For URLs that were not chosen by who runs this program: what they may reach. Every address that the name has must be allowed, and
  // the connection goes to one of those that were looked at, whatever the name means a moment later. Null: anything may be called.
  std::shared_ptr<const OutwardPolicy> guard;
  // Asked some twenty times a second while an exchange waits, on the thread that asked for it: true ends it with `canceled`.
  std::function<bool()> given_up;
  // In place of the system's resolver: the addresses of a name. For tests.
  std::function<std::vector<std::string>(const std::string& host)> lookup;
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

  // `timeout` covers the whole exchange. Errors: invalid_request (the URL), timeout, io_error (connection, TLS), too_large
  // (the answer), malformed_request (the answer is not HTTP), forbidden (the guard), canceled (given_up), config_error
  // (ClientTls). Of an io_error the field is "tls" when one end does not trust the other's certificate or the server does
  // not speak TLS there. Any status is a value, those among them that name another place: nobody goes there.
  Result<ClientResponse> request(std::string_view method, std::string_view url, const ClientHeaders& headers,
                                 std::string_view body, std::chrono::milliseconds timeout);
  // Drops the kept connection.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::http
