// `penstock send`: standard input, line by line, to a server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/stop_flag.hpp"

namespace penstock::agent {

class Input;
class Transport;

enum class LineFormat { detect, text, json };  // detect: a line that starts with { is JSON

struct SendOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string token;
  std::string deployment;  // empty: the token's
  std::string source;      // of lines that name none; empty: the server's view of the peer
  std::string severity;    // of text lines; empty: INFO
  std::vector<std::pair<std::string, std::string>> fields;  // added to every text line (labels with metrics)
  std::size_t batch = 1'000;              // lines a request
  std::size_t batch_bytes = 1 << 20;      // bytes a request
  std::size_t max_line_bytes = 1 << 20;   // longer text is split, already before that (record_part()); longer JSON and metrics are refused
  bool line_time = false;                 // text lines that begin with a time (line_time.hpp) get it; else that of their arrival
  bool metrics = false;                   // lines are points: JSON, or text "name value [timestamp]"
  LineFormat format = LineFormat::detect;
  std::size_t shown_rejections = 20;
  std::chrono::milliseconds retry_min{250};
  std::chrono::milliseconds retry_max{30'000};
  std::chrono::milliseconds give_up{300'000};  // waiting for one request to be taken, in all
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds gather{1'000};     // a line waits no longer for others to go with it
};

// JSON lines go as they are (what they lack of source and deployment is given by the request); other lines become the message of a record. Posts as
// NDJSON, each request under its own Idempotency-Key; network errors, 408, 429 and 5xx are retried. Memory is bounded by one batch.
class Sender {
 public:
  explicit Sender(SendOptions options);  // posts over HTTP, sleeps
  // For tests: `sleep` is called instead of waiting; false: stop waiting and give up.
  Sender(SendOptions options, Transport& transport, std::function<bool(std::chrono::milliseconds)> sleep);
  ~Sender();

  // Until the end of `in` or `stop`; what was read goes first, after `stop` within some two seconds. The summary, in lines, goes to `out`,
  // reasons to `err`. 0: all lines accepted; 1: some were rejected; 2: the server could not be reached or refused us, the input could not be
  // read, or the options are wrong.
  int run(Input& in, std::ostream& out, std::ostream& err, const StopFlag& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::agent
