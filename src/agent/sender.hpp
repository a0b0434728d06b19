// `penstock send`: standard input or files, line by line, to a server.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/input.hpp"
#include "agent/line_options.hpp"
#include "base/stop_flag.hpp"
#include "http/client.hpp"

namespace penstock::agent {

class Transport;

// Where lines come from.
struct NamedInput {
  std::string name;  // told with the number of a line; empty for standard input
  std::function<Result<std::unique_ptr<Input>>()> open;
};

struct SendOptions : RecordOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string token;
  http::ClientTls tls;
  std::string deployment;  // empty: the token's
  std::size_t batch = 1'000;              // lines a request
  std::size_t batch_bytes = 1 << 20;      // bytes a request
  std::size_t max_line_bytes = 1 << 20;   // longer text is split, already before that (append_line_records()); longer JSON and metrics are refused
  bool metrics = false;                   // lines are points: JSON, or text "name value [timestamp]"
  std::size_t shown_rejections = 20;
  std::chrono::milliseconds retry_min{250};
  std::chrono::milliseconds retry_max{30'000};
  std::chrono::milliseconds give_up{300'000};  // waiting for one request to be taken, in all
  std::chrono::milliseconds timeout{30'000};
  std::chrono::milliseconds gather{1'000};     // a line waits no longer for others to go with it
};

// Lines become records by append_line_records(), those of containers and those that belong together joined (LineJoiner). Posts as NDJSON, each request under its own Idempotency-Key; network errors, 408, 429 and 5xx are retried. Memory is bounded by one batch.
class Sender {
 public:
  explicit Sender(SendOptions options);  // posts over HTTP, sleeps
  // For tests: `sleep` is called instead of waiting; false: stop waiting and give up.
  Sender(SendOptions options, Transport& transport, std::function<bool(std::chrono::milliseconds)> sleep);
  ~Sender();

  // Until the end of the inputs, one after the other, or `stop`; what was read goes first, after `stop` within some two seconds. The summary, in lines, goes to `out`,
  // reasons to `err`. 0: all lines accepted; 1: some were rejected; 2: the server could not be reached or refused us, an input could not be
  // read, or the options are wrong.
  int run(const std::vector<NamedInput>& inputs, std::ostream& out, std::ostream& err, const StopFlag& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::agent
