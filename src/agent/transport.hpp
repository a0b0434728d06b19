// How the agent and `penstock send` reach a server. A port of this room, so that tests need no network.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
  virtual Result<Reply> post(const Posting& posting) = 0;
};

struct TransportOptions {
  std::string url;         // "http://127.0.0.1:8080", with an optional path that goes before every posting's
  std::string token;       // Bearer; empty: none
  std::string deployment;  // X-Penstock-Deployment; empty: the token's
  std::chrono::milliseconds timeout{30'000};
};

// Over the http room's client, with one kept-alive connection.
std::unique_ptr<Transport> make_http_transport(TransportOptions options);

}  // namespace penstock::agent
