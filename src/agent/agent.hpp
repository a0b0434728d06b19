// `penstock agent`: samples this machine and tails files, and keeps what it found on disk until a server has taken it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/line_options.hpp"
#include "base/stop_flag.hpp"
#include "http/client.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::agent {

class Transport;

struct AgentOptions {
  std::string url = "http://127.0.0.1:8080";
  std::string token;
  http::ClientTls tls;
  std::string deployment = "default";
  std::string source;                             // empty: the host's name
  std::chrono::milliseconds interval{5'000};      // between samples
  bool metrics = true;                            // sample /proc and /sys
  std::vector<std::string> files;                 // globs of files to tail
  bool say_unmatched = true;                      // a glob that matches nothing at the start is told in the log
  bool from_start = false;                        // at the very first start: files that are there from their beginning, else from their end
  LineOptions lines;                              // how their lines become records
  std::chrono::milliseconds poll{250};            // how often files are looked at
  std::chrono::milliseconds partial_line{0};      // a last line without newline is sent after this; 0: it waits for its end as long as the file is there
  std::size_t max_line_bytes = 64 << 10;          // longer lines are split
  std::string state_dir = "penstock-agent";       // offsets, spool, rejected batches; made with mode 0700, what is in it has 0600
  std::size_t buffer_bytes = 64 << 20;            // spool on disk; past half of it lines stay in their files, past it the oldest is dropped and counted
  std::size_t batch_bytes = 256 << 10;            // of one request
  std::size_t rejected_bytes = 8 << 20;           // kept of batches that the server refused for good
  std::chrono::milliseconds retry_min{500};
  std::chrono::milliseconds retry_max{30'000};
  std::chrono::milliseconds timeout{30'000};      // of one request
  std::string root = "/";                         // holds proc and sys
  Sealer* sealer = nullptr;                       // of the spool and of refused records, outlives the agent; null: they lie there as they are
};

struct AgentStats {
  std::uint64_t sent_batches = 0;
  std::uint64_t sent_records = 0;      // accepted by the server
  std::uint64_t rejected_records = 0;  // refused by the server one by one, or with their batch
  std::uint64_t retries = 0;
  std::uint64_t dropped_bytes = 0;     // the buffer was full
  std::uint64_t dropped_batches = 0;
  std::uint64_t spooled_bytes = 0;     // waiting now
  std::uint64_t skipped_bytes = 0;     // holes and NULs in files, left out
};

// What is posted was on disk before, with an idempotency key, so a killed agent neither loses nor doubles it. A line of a tailed file counts as read
// only once it is in the spool. One thread.
class Agent {
 public:
  explicit Agent(AgentOptions options);                               // posts over HTTP, reads the system clock
  Agent(AgentOptions options, Transport& transport, const Clock& clock);  // both outlive the agent
  ~Agent();

  // Runs until `stop` is set, then tries to send what waits for at most two seconds. 0, or 1 when it could not start (the
  // reason is logged).
  int run(const StopFlag& stop);

  // The parts of run(), for tests: open the state; look at files and the machine if it is time; post one batch if there is one and it
  // is time. True when something was done.
  Result<void> open();
  bool collect();
  bool deliver();
  AgentStats stats() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::agent
