// `penstock dead-letter`: asks a server for its dead letters and tells it what to do with them.
#pragma once

#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "http/client.hpp"
#include "penstock/core/result.hpp"

namespace penstock::agent {

struct DeadLetterOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string token;                       // of an administrator
  std::chrono::milliseconds timeout{60'000};
  http::ClientTls tls;
};

// One thread; every call blocks. Errors say what to do: the server cannot be reached, or its own words.
class DeadLetterClient {
 public:
  explicit DeadLetterClient(DeadLetterOptions options);
  ~DeadLetterClient();

  enum class Change { replay, discard };

  // One line each: id, time, reason, deployment, kind, detail.
  Result<void> list(std::ostream& out);
  // The letter as indented JSON.
  Result<void> show(const std::string& id, std::ostream& out);
  // Tells each failure in `err`; how many failed. What replays make anew is not among them.
  Result<std::size_t> change(Change what, const std::vector<std::string>& ids, std::ostream& out, std::ostream& err);
  // Of all letters there are now.
  Result<std::vector<std::string>> ids();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::agent
