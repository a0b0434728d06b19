// An agent on files and a server of the test.
#pragma once

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "agent/agent.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_transport.hpp"
#include "temporary_folder.hpp"

namespace penstock::test {

using agent::Agent;
using agent::AgentOptions;
using testing::ElementsAre;
using testing::IsEmpty;

inline std::vector<std::string> messages(const std::string& ndjson) {
  std::vector<std::string> found;
  std::istringstream lines(ndjson);
  for (std::string line; std::getline(lines, line);) {
    const auto record = nlohmann::json::parse(line);
    if (record.contains("message")) found.push_back(record["message"]);
  }
  return found;
}

// Answers 413 to larger bodies.
class NarrowTransport : public FakeTransport {
 public:
  void set_longest(std::size_t bytes) { longest_ = bytes; }
  Result<agent::Reply> post(const agent::Posting& posting) override {
    if (posting.body.size() > longest_) return agent::Reply{413, {}, std::nullopt};
    return FakeTransport::post(posting);
  }

 private:
  std::size_t longest_ = static_cast<std::size_t>(-1);
};

class Agents : public testing::Test {
 protected:
  AgentOptions options() {
    AgentOptions options;
    options.source = "pi-3";
    options.metrics = false;
    options.files = {folder.path("*.log")};
    options.from_start = true;
    options.state_dir = folder.path("state");
    options.retry_min = std::chrono::milliseconds(100);
    options.retry_max = std::chrono::seconds(1);
    return options;
  }
  void start(std::optional<AgentOptions> given = std::nullopt) {
    agent.emplace(given ? *given : options(), transport, clock);
    const auto opened = agent->open();
    ASSERT_TRUE(opened) << opened.error().message;
  }
  // As kill -9 does: nothing more is written.
  void kill() { agent.reset(); }
  void collect() {
    clock.advance(std::chrono::seconds(1));
    for (int i = 0; i < 1'000 && agent->collect(); ++i) {
    }
  }
  void deliver() {
    clock.advance(std::chrono::seconds(2));
    while (agent->deliver()) {
    }
  }

  TemporaryFolder folder;
  NarrowTransport transport;
  FakeClock clock;
  std::optional<Agent> agent;
};

}  // namespace penstock::test
