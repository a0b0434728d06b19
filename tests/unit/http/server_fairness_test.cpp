// Slow bodies and slow answers beside clients that need the memory which they hold.
#include <gtest/gtest.h>

#include <random>

#include "http/compress.hpp"
#include "http/server.hpp"
#include "server_harness.hpp"

namespace penstock::http::test {
namespace {

std::string head_of_body(std::size_t size) { return "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n"; }

Options with_stall_of(std::chrono::milliseconds stall) {
  Options options = quick();
  options.deadlines.stall = stall;
  return options;
}

TEST(ServerFairness, ABodyThatIsOnlyAnnouncedTakesNothingFromOthers) {
  Harness harness(with_stall_of(kPatience), 1 << 20);
  std::vector<RawClient> slow;
  for (int i = 0; i < 8; ++i) {
    slow.push_back(harness.client());
    slow.back().send(head_of_body(1 << 20) + std::string(100, 'x'));
  }
  ASSERT_TRUE(eventually([&] { return harness.budget.used() == 8 * 16 * 1024; })) << "a step for each";
  RawClient good = harness.client();
  const std::string body(600'000, 'b');
  ASSERT_TRUE(good.send(post_to("/echo", body)));
  const auto response = good.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, body);
}

TEST(ServerFairness, ABodyThatStallsGivesWayToOneThatComes) {
  for (const std::size_t threads : {1U, 2U}) {
    Options options = with_stall_of(std::chrono::milliseconds(20));
    options.threads = threads;
    Harness harness(options, 300'000);
    RawClient slow = harness.client();
    slow.send(head_of_body(290'000) + std::string(250'000, 'x'));
    ASSERT_TRUE(eventually([&] { return harness.budget.used() >= 250'000; }));
    const std::string body(200'000, 'b');
    EXPECT_TRUE(eventually([&] {
      RawClient good = harness.client();
      good.send(post_to("/echo", body));
      const auto response = good.receive();
      return response && response->body == body;
    }));
    const auto gave_way = slow.receive();
    ASSERT_TRUE(gave_way);
    EXPECT_EQ(gave_way->status, 503);
    EXPECT_EQ(gave_way->headers.at("retry-after"), "1");
    EXPECT_EQ(harness.refused("gave_way"), 1);
    EXPECT_TRUE(eventually([&] { return harness.budget.used() == 0; }));
  }
}

TEST(ServerFairness, ABodyThatStallsWhileNobodyWaitsIsLeftAlone) {
  Harness harness(with_stall_of(std::chrono::milliseconds(1)), 300'000);
  RawClient slow = harness.client(), other = harness.client();
  slow.send(head_of_body(100'000) + std::string(50'000, 'x'));
  ASSERT_TRUE(eventually([&] { return harness.budget.used() >= 50'000; }));
  other.send(post_to("/echo", "there is room"));
  EXPECT_EQ(other.receive()->status, 200);
  slow.send(std::string(50'000, 'x'));
  EXPECT_EQ(slow.receive()->body.size(), 100'000U);
}

TEST(ServerFairness, LargePackedBodiesAreUnpackedInStepsToTheirEnd) {
  std::mt19937 random(3);
  std::string body;
  while (body.size() < 900'000) body += std::string(400, 'r') + static_cast<char>(random()) + static_cast<char>(random());
  const std::string packed = gzip(body, 6);
  Harness harness(with_stall_of(kPatience), 4 << 20);
  RawClient client = harness.client();
  const std::string fields = "Content-Encoding: gzip\r\n";
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n" + fields + "\r\n";
  for (std::size_t at = 0; at < packed.size(); at += 0x1000) {
    const std::string chunk = packed.substr(at, 0x1000);
    char line[16];
    std::snprintf(line, sizeof line, "%zx\r\n", chunk.size());
    chunked += line + chunk + "\r\n";
  }
  chunked += "0\r\n\r\n";
  ASSERT_TRUE(client.send(post_to("/echo", packed, fields) + chunked + get("/ok")));
  for (int i = 0; i < 2; ++i) {
    const auto response = client.receive();
    ASSERT_TRUE(response) << i;
    EXPECT_TRUE(response->body == body) << i << ": " << response->status << ", " << response->body.size();
  }
  EXPECT_EQ(client.receive()->body, "ok");
  EXPECT_TRUE(eventually([&] { return harness.budget.used() == 0; }));
}

TEST(ServerFairness, AnAnswerThatIsTakenBelowTheLowestRateIsCutThoughItNeverStandsStill) {
  Options options = quick();
  options.deadlines.write_stall = std::chrono::milliseconds(300);
  options.deadlines.answer_min_rate = std::size_t{1} << 40;
  Harness harness(options);
  RawClient client = harness.client();
  client.shrink_receive_buffer();
  std::string many;
  for (int i = 0; i < 40; ++i) many += get("/big");
  client.send(many);
  std::thread reader([&] {
    while (!client.receive_some().empty()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  EXPECT_TRUE(eventually([&] { return harness.refused("write_stall") == 1; }));
  reader.join();
}

TEST(ServerFairness, AnAnswerThatIsNotTakenGivesWayAlsoOnAnotherThread) {
  Options options = with_stall_of(std::chrono::milliseconds(20));
  options.threads = 2;
  options.answer_memory = 300'000;  // one of /big
  Harness harness(options);
  // Clients of both threads, whatever the kernel chose for the one that stalls.
  RawClient stalls = harness.client();
  stalls.shrink_receive_buffer();
  stalls.send(get("/big") + get("/big") + get("/big"));
  ASSERT_TRUE(eventually([&] { return harness.server->answer_memory().used() > 0; }));
  std::vector<RawClient> others;
  for (int i = 0; i < 8; ++i) others.push_back(harness.client());
  for (RawClient& other : others) {
    EXPECT_TRUE(eventually([&] {
      other.send(get("/big"));
      const auto response = other.receive();
      return response && response->status == 200;
    }));
  }
  EXPECT_TRUE(eventually([&] { return stalls.reset_by_server(); }));
}

}  // namespace
}  // namespace penstock::http::test
