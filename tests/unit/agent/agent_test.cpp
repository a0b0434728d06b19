// What an agent sends, and what becomes of what is refused.
#include <filesystem>
#include <map>
#include <thread>

#include "agents.hpp"

namespace penstock::test {
namespace {

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

TEST_F(Agents, ALineOfWhichOnlySamplesWereRefusedIsNotKeptAsRefused) {
  folder.append("a.log", "one\ntwo\n");
  start();
  collect();
  transport.answer(200, R"({"accepted":2,"rejected":0,"errors":[],"rejected_samples":1,"sample_errors":[{"index":1,"code":"x","field":"metrics.y","message":"z"}]})");
  deliver();
  EXPECT_EQ(folder.read("state/rejected.ndjson"), "");
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
