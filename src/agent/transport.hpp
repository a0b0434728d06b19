// How the agent and `penstock send` reach a server. A port of this room, so that tests need no network.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/stop_flag.hpp"
#include "http/client.hpp"
#include "penstock/core/result.hpp"

namespace penstock::agent {

struct Posting {
  std::string_view path;             // "/api/v1/logs"
  std::string_view content_type = "application/x-ndjson";
  std::string_view idempotency_key;  // the same for every attempt
  std::string_view body;
};

struct Reply {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after;
};

// One thread.
class Transport {
 public:
  virtual ~Transport() = default;
  // Blocks until the server answered or the deadline passed. An Error means that no whole answer arrived.
  // The error's field is "tls" when the server cannot be trusted or does not speak TLS: that is not going to change by itself.
  virtual Result<Reply> post(const Posting& posting) = 0;
  // Once `stop` is set, an exchange under way or begun after that ends within `grace` of it, with `canceled`. `stop` must outlive all
  // exchanges; not while one is under way.
  virtual void end_with(const StopFlag& /*stop*/, std::chrono::milliseconds /*grace*/) {}
};

struct TransportOptions {
  std::string url;         // "http://127.0.0.1:8080", with an optional path that goes before every posting's
  std::string token;       // Bearer; empty: none
  std::string deployment;  // X-Penstock-Deployment; empty: the token's
  std::chrono::milliseconds timeout{30'000};
  http::ClientTls tls;     // for https
};

// invalid_request: no server can be reached under this URL.
Result<void> check_server_url(std::string_view url);

// Over the http room's client, with one kept-alive connection.
std::unique_ptr<Transport> make_http_transport(TransportOptions options);

}  // namespace penstock::agent
