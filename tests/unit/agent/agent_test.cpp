#include "agent/agent.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "support/fake_clock.hpp"
#include "support/fake_transport.hpp"
#include "temporary_folder.hpp"

namespace penstock::test {
namespace {

using agent::Agent;
using agent::AgentOptions;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> messages(const std::string& ndjson) {
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

TEST_F(Agents, LinesBecomeLogs) {
  folder.append("a.log", "hello \"world\"\n");
  start();
  collect();
  deliver();
  ASSERT_EQ(transport.requests.size(), 1u);
  EXPECT_EQ(transport.requests[0].path, "/api/v1/logs");
  EXPECT_EQ(transport.requests[0].content_type, "application/x-ndjson");
  const auto record = nlohmann::json::parse(transport.requests[0].body);
  EXPECT_EQ(record["message"], "hello \"world\"");
  EXPECT_EQ(record["source"], "pi-3");
  EXPECT_EQ(record["timestamp"], "2026-11-20T13:33:01Z");
  EXPECT_EQ(record["fields"]["file"], folder.path("a.log"));
  EXPECT_EQ(agent->stats().spooled_bytes, 0u);
}

TEST_F(Agents, LinesGetTheTimeTheyBeginWithWhenAskedTo) {
  folder.append("a.log", "2026-11-19T10:00:00Z old\nno time\n");
  AgentOptions by_line = options();
  by_line.lines.line_time = true;
  start(by_line);
  collect();
  deliver();
  ASSERT_EQ(transport.requests.size(), 1u);
  std::istringstream lines(transport.requests[0].body);
  std::vector<std::string> times;
  for (std::string line; std::getline(lines, line);) times.push_back(nlohmann::json::parse(line)["timestamp"]);
  EXPECT_THAT(times, ElementsAre("2026-11-19T10:00:00Z", "2026-11-20T13:33:01Z"));
}

TEST_F(Agents, InAContainerTheSourceIsTheNameOfTheMachine) {
  folder.append("a.log", "hello\n");
  std::filesystem::create_directories(folder.path("host/etc"));
  folder.append("host/etc/hostname", "pi-in-the-attic\n");
  AgentOptions nameless = options();
  nameless.source.clear();
  nameless.root = folder.path("host");
  start(nameless);
  collect();
  deliver();
  ASSERT_EQ(transport.requests.size(), 1u);
  EXPECT_EQ(nlohmann::json::parse(transport.requests[0].body)["source"], "pi-in-the-attic");
}

TEST_F(Agents, SamplesBecomePointsOnePerSetOfLabels) {
  AgentOptions with_metrics = options();
  with_metrics.files.clear();
  with_metrics.metrics = true;
  with_metrics.root = std::string(PENSTOCK_SOURCE_DIR) + "/tests/data/agent/first";
  start(with_metrics);
  EXPECT_TRUE(agent->collect());
  EXPECT_FALSE(agent->collect()) << "not before the interval is over";
  deliver();
  ASSERT_EQ(transport.requests.size(), 1u);
  EXPECT_EQ(transport.requests[0].path, "/api/v1/metrics");
  std::istringstream lines(transport.requests[0].body);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first["source"], "pi-3");
  EXPECT_FALSE(first.contains("labels"));
  EXPECT_EQ(first["metrics"]["load.1"], 0.52);
  EXPECT_EQ(first["metrics"]["uptime.seconds"], 12'345.67);
  bool sensor = false;
  while (std::getline(lines, line)) {
    const auto point = nlohmann::json::parse(line);
    ASSERT_TRUE(point.contains("labels"));
    sensor = sensor || (point["labels"] == nlohmann::json{{"sensor", "cpu-thermal"}} && point["metrics"]["temperature.celsius"] == 48.25);
  }
  EXPECT_TRUE(sensor);
}

TEST_F(Agents, AnOutageIsWaitedOutUnderTheSameKey) {
  folder.append("a.log", "one\n");
  start();
  collect();
  transport.fail("connection refused");
  transport.answer(503, {}, std::chrono::seconds(7));
  transport.answer(429);
  EXPECT_FALSE(agent->deliver());
  EXPECT_FALSE(agent->deliver()) << "the pause is on";
  EXPECT_EQ(transport.requests.size(), 1u);
  clock.advance(std::chrono::seconds(1));
  EXPECT_FALSE(agent->deliver());
  EXPECT_EQ(transport.requests.size(), 2u);
  clock.advance(std::chrono::seconds(6));
  EXPECT_FALSE(agent->deliver());
  EXPECT_EQ(transport.requests.size(), 2u) << "Retry-After is honoured";
  clock.advance(std::chrono::seconds(1));
  EXPECT_FALSE(agent->deliver());
  clock.advance(std::chrono::seconds(2));
  EXPECT_TRUE(agent->deliver());
  ASSERT_EQ(transport.requests.size(), 4u);
  for (const auto& request : transport.requests) EXPECT_EQ(request.key, transport.requests[0].key);
  EXPECT_EQ(agent->stats().retries, 3u);
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one"}));
}

TEST_F(Agents, ARefusedBatchIsKeptAsideAndNeverTriedAgain) {
  folder.append("a.log", "one\n");
  start();
  collect();
  transport.answer(422, R"({"error":{"code":"nothing_accepted","message":"no"},"accepted":0,"rejected":1})");
  deliver();
  folder.append("a.log", "two\n");
  collect();
  deliver();
  EXPECT_EQ(transport.requests.size(), 2u);
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"two"}));
  EXPECT_EQ(messages(folder.read("state/rejected.ndjson")), (std::vector<std::string>{"one"}));
  EXPECT_EQ(agent->stats().rejected_records, 1u);
  EXPECT_EQ(agent->stats().sent_records, 1u);
}

// Files and buffer hold the data; only its content makes it worthless.
TEST_F(Agents, AWrongTokenOrAddressIsWaitedOutAndSaid) {
  folder.append("a.log", "one\n");
  start();
  collect();
  const std::vector<int> statuses = {401, 403, 404, 405, 302, 308, 415, 501};
  for (const int status : statuses) transport.answer(status);
  testing::internal::CaptureStderr();
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    EXPECT_FALSE(agent->deliver());
    EXPECT_FALSE(agent->deliver()) << "the pause is on";
    EXPECT_EQ(transport.requests.size(), i + 1);
    clock.advance(std::chrono::seconds(2));
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, testing::HasSubstr("give a token"));
  EXPECT_THAT(said, testing::HasSubstr("correct the address"));
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one"}));
  for (const auto& request : transport.requests) EXPECT_EQ(request.key, transport.requests[0].key);
  EXPECT_EQ(agent->stats().rejected_records, 0u);
  EXPECT_FALSE(std::filesystem::exists(folder.path("state/rejected.ndjson")));
}

TEST_F(Agents, ABatchThatIsTooLargeIsHalvedAndOnlyARecordThatIsTooLargeRejected) {
  transport.set_longest(600);
  folder.append("a.log", "one\ntwo\n" + std::string(1'000, 'x') + "\nthree\nfour\n");
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one", "two", "three", "four"}));
  EXPECT_EQ(messages(folder.read("state/rejected.ndjson")), (std::vector<std::string>{std::string(1'000, 'x')}));
  EXPECT_EQ(agent->stats().sent_records, 4u);
  EXPECT_EQ(agent->stats().rejected_records, 1u);
  EXPECT_EQ(agent->stats().spooled_bytes, 0u);
}

TEST_F(Agents, AHalvedBatchIsStoredOnceAlsoWhenTheAgentIsKilledBetweenItsParts) {
  transport.set_longest(300);
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i) {
    expected.push_back("line " + std::to_string(i));
    folder.append("a.log", expected.back() + "\n");
  }
  for (int posts = 1; posts < 12; ++posts) {
    start();
    collect();
    for (int i = 0; i < posts; ++i) {
      clock.advance(std::chrono::seconds(2));
      agent->deliver();
    }
    kill();
  }
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), expected);
}

TEST_F(Agents, TheRejectedFileIsBounded) {
  AgentOptions small = options();
  small.rejected_bytes = 2'000;
  start(small);
  for (int i = 0; i < 50; ++i) {
    transport.answer(400);
    folder.append("a.log", std::string(200, 'x') + "\n");
    collect();
    deliver();
  }
  EXPECT_EQ(agent->stats().rejected_records, 50u);
  const auto size = std::filesystem::file_size(folder.path("state/rejected.ndjson")) + std::filesystem::file_size(folder.path("state/rejected.ndjson.1"));
  EXPECT_LE(size, 2'000u);
}

TEST_F(Agents, OfABatchThatWasTakenInPartTheRefusedLinesAreKept) {
  folder.append("a.log", "one\ntwo\nthree\n");
  start();
  collect();
  transport.answer(200, R"({"accepted":2,"rejected":1,"errors":[{"index":1,"code":"x","message":"y"}]})");
  deliver();
  EXPECT_EQ(agent->stats().sent_records, 2u);
  EXPECT_EQ(agent->stats().rejected_records, 1u);
  EXPECT_EQ(messages(folder.read("state/rejected.ndjson")), (std::vector<std::string>{"two"}));
}

TEST_F(Agents, RefusedLinesAreKeptAlsoBeyondTheErrorsThatTheAnswerLists) {
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    folder.append("a.log", "line " + std::to_string(i) + "\n");
    if (i != 0 && i != 298) expected.push_back("line " + std::to_string(i));
  }
  start();
  collect();
  transport.answer(200, R"({"accepted":2,"rejected":298,"errors":[{"index":1,"code":"x","message":"y"}],"rejected_indexes":[[1,297],[299,299]]})");
  deliver();
  EXPECT_EQ(messages(folder.read("state/rejected.ndjson")), expected);
}

// An older server tells the first hundred only.
TEST_F(Agents, WhenTheAnswerDoesNotNameAllThatWereRefusedTheWholeBatchIsKept) {
  folder.append("a.log", "one\ntwo\nthree\n");
  start();
  collect();
  transport.answer(200, R"({"accepted":1,"rejected":2,"errors":[{"index":1,"code":"x","message":"y"}],"rejected_indexes":[[7,9],["x",1]]})");
  deliver();
  EXPECT_EQ(messages(folder.read("state/rejected.ndjson")), (std::vector<std::string>{"one", "two", "three"}));
}

TEST_F(Agents, KilledAtAnyPointNoLineIsLostOrStoredTwice) {
  std::vector<std::string> expected;
  for (int round = 0; round < 40; ++round) {
    start();
    for (int i = 0; i < 3; ++i) {
      expected.push_back(std::to_string(round) + "." + std::to_string(i));
      folder.append("a.log", expected.back() + "\n");
    }
    if (round % 7 == 3) std::filesystem::rename(folder.path("a.log"), folder.path("a.log.1"));
    // A different point of death in every round.
    if (round % 2 == 0) collect();
    if (round % 3 == 0) transport.set_down(true);
    if (round % 5 != 0) {
      clock.advance(std::chrono::seconds(2));
      agent->deliver();
    }
    transport.set_down(false);
    kill();
  }
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), expected);
}

TEST_F(Agents, AStateThatWasNotWrittenIsReadBackFromTheSpool) {
  folder.append("a.log", "one\n");
  start();
  collect();
  const std::string before = folder.read("state/state");
  folder.append("a.log", "two\n");
  collect();
  kill();
  folder.write("state/state", before);
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one", "two"}));
}

TEST_F(Agents, OnlyTheVeryFirstStartBeginsAtTheEndsOfFiles) {
  AgentOptions from_now = options();
  from_now.from_start = false;
  folder.append("old.log", "old\n");
  start(from_now);
  kill();  // before it looked at anything
  start(from_now);
  collect();
  kill();
  folder.append("old.log", "later\n");
  std::filesystem::rename(folder.path("old.log"), folder.path("old.1.log"));
  folder.append("old.log", "in its place\n");
  folder.append("new.log", "new\n");
  start(from_now);
  collect();
  deliver();
  EXPECT_THAT(messages(transport.stored), testing::UnorderedElementsAre("later", "in its place", "new"));
}

TEST_F(Agents, AfterAFirstLookThatFoundNoFileAllIsNews) {
  AgentOptions from_now = options();
  from_now.from_start = false;
  start(from_now);
  agent->collect();
  kill();
  folder.append("new.log", "new\n");
  start(from_now);
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"new"}));
}

TEST_F(Agents, ALargeStateIsReadWhole) {
  folder.append("a.log", "one\n");
  start();
  collect();
  kill();
  const std::string state = folder.read("state/state");
  const std::size_t places = state.find('\n') + 1;
  std::string larger = state.substr(0, places);
  for (int i = 0; i < 20'000; ++i) larger += "1 " + std::to_string(1'000'000'000 + i) + " 7 0 0 /nowhere/" + std::string(80, 'x') + "/a.log\n";
  // As an older agent wrote it, without its check.
  larger += state.substr(state.find('\n', places) + 1);
  ASSERT_GT(larger.size(), 2u << 20);
  folder.write("state/state", larger);
  folder.append("a.log", "two\n");
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one", "two"}));
}

TEST_F(Agents, AStateThatCannotBeWholeIsRefused) {
  std::filesystem::create_directories(folder.path("state"));
  folder.write("state/state", "");
  std::filesystem::resize_file(folder.path("state/state"), (256u << 20) + 1);
  Agent one(options(), transport, clock);
  const auto opened = one.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::too_large);
}

TEST_F(Agents, ADamagedStateIsSaidAndKeptAside) {
  folder.append("a.log", "one\n");
  start();
  collect();
  deliver();
  kill();
  const std::string state = folder.read("state/state");
  std::string other = state;
  other.back() = 'x';
  for (const std::string& bad : {std::string(), std::string("rubbish\n"), state.substr(0, state.size() / 2), state.substr(0, state.size() - 1), other}) {
    folder.write("state/state", bad);
    testing::internal::CaptureStderr();
    start();
    kill();
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_THAT(said, testing::HasSubstr(folder.path("state/state"))) << bad;
    EXPECT_THAT(said, testing::HasSubstr("damaged")) << bad;
    EXPECT_EQ(folder.read("state/state.bad"), bad);
    std::filesystem::remove(folder.path("state/state.bad"));
  }
  folder.write("state/state", state);
  start();
  EXPECT_FALSE(std::filesystem::exists(folder.path("state/state.bad")));
}

// Else a file that is read faster than it can be sent, or that grows while the server is away, would push its own beginning out of the buffer.
TEST_F(Agents, FilesKeepTheirLinesWhileTheBufferIsHalfFull) {
  AgentOptions small = options();
  small.buffer_bytes = 512 << 10;
  small.batch_bytes = 16 << 10;
  start(small);
  transport.set_down(true);
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    std::string text;
    for (int line = 0; line < 100; ++line) {
      expected.push_back(std::to_string(i * 100 + line) + std::string(150, 'x'));
      text += expected.back() + "\n";
    }
    if (i == 50) rename(folder.path("a.log").c_str(), folder.path("a.log.1").c_str());
    folder.append("a.log", text);
    collect();
    ASSERT_LE(agent->stats().spooled_bytes, 300u << 10);
  }
  transport.set_down(false);
  for (int i = 0; i < 100 && agent->stats().sent_records < expected.size(); ++i) {
    deliver();
    collect();
  }
  EXPECT_EQ(messages(transport.stored), expected);
  EXPECT_EQ(agent->stats().dropped_batches, 0u);
}

TEST_F(Agents, FilesThatAreDeletedWhileTheirLinesWaitTakeNoMoreDiskThanTheBuffer) {
  AgentOptions small = options();
  small.buffer_bytes = 512 << 10;
  start(small);
  transport.set_down(true);
  const std::string line(1'000, 'x');
  const auto file = [&](const std::string& name, int lines) {
    for (int i = 0; i < lines; ++i) folder.append(name, name + line + "\n");
  };
  file("a.log", 400);
  collect();
  for (const auto& [name, lines] : {std::pair("b.log", 1'000), std::pair("c.log", 100)}) {
    file(name, lines);
    collect();
    std::filesystem::remove(folder.path(name));
    collect();
  }
  transport.set_down(false);
  for (int i = 0; i < 10; ++i) {
    deliver();
    collect();
  }
  std::map<char, int> found;
  for (const std::string& message : messages(transport.stored)) ++found[message.front()];
  EXPECT_EQ(found, (std::map<char, int>{{'a', 400}, {'c', 100}})) << "b takes more than the buffer may";
}

TEST_F(Agents, ManyLinesGoInBatchesOfBoundedSize) {
  AgentOptions small = options();
  small.batch_bytes = 4'000;
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "line " + std::to_string(i) + "\n";
  folder.append("a.log", text);
  start(small);
  collect();
  deliver();
  EXPECT_GT(transport.requests.size(), 10u);
  for (const auto& request : transport.requests) EXPECT_LT(request.body.size(), 5'000u);
  EXPECT_EQ(messages(transport.stored).size(), 1'000u);
}

TEST_F(Agents, TheModeOfAFolderThatWasThereStays) {
  using std::filesystem::perms;
  std::filesystem::create_directory(folder.path("there"));
  std::filesystem::permissions(folder.path("there"), perms::all);
  AgentOptions there = options();
  there.state_dir = folder.path("there");
  start(there);
  EXPECT_EQ(std::filesystem::status(folder.path("there")).permissions(), perms::all);
  EXPECT_EQ(std::filesystem::status(folder.path("there/spool")).permissions(), perms::owner_all);
  EXPECT_EQ(std::filesystem::status(folder.path("there/state")).permissions(), perms::owner_read | perms::owner_write);
  start();
  EXPECT_EQ(std::filesystem::status(folder.path("state")).permissions(), perms::owner_all);
}

TEST_F(Agents, TwoAgentsOnOneStateDirectoryAreRefused) {
  start();
  Agent second(options(), transport, clock);
  const auto opened = second.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::conflict);
}

TEST_F(Agents, RunStopsWhenToldAndSendsWhatWaits) {
  folder.append("a.log", "one\n");
  agent.emplace(options(), transport, clock);
  StopFlag stop{false};
  std::thread runner([&] { EXPECT_EQ(agent->run(stop), 0); });
  clock.advance(std::chrono::seconds(1));
  while (transport.stored_bytes() == 0) std::this_thread::yield();
  stop = true;
  runner.join();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one"}));
}

}  // namespace
}  // namespace penstock::test
