// How many connections there may be, and who makes room for whom.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "http/server.hpp"
#include "server_harness.hpp"

namespace penstock::http::test {
namespace {

const std::string kUnfinished = "GET /slow HTTP/1.1\r\nHost: ";
const std::string kUnfinishedBody = "POST /denied HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc";

TEST(ServerLimits, AThousandSlowConnectionsDoNotStopAGoodClient) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  Options options = quick();
  options.max_connections = 600;  // fewer than come: strangers must make room
  Harness harness(options);
  std::vector<RawClient> slow;
  for (int i = 0; i < 1000; ++i) {
    const std::string from = "127.0.1." + std::to_string(1 + i % 10);
    slow.emplace_back(harness.server->port(), from.c_str());
    ASSERT_TRUE(slow.back().connected()) << i;
    slow.back().send(kUnfinished);
  }
  for (int i = 0; i < 50; ++i) {
    RawClient good = harness.client();
    ASSERT_TRUE(good.send(post_to("/echo", "good")));
    const auto response = good.receive();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body, "good");
  }
  EXPECT_GT(harness.refused("evicted"), 0);
  EXPECT_LE(harness.server->connections(), 601U);
}

// Each takes a seat in a way of its own, so that nobody who asks properly would get one.
struct SlowKind {
  const char* name;
  std::string sent;
};

class ServerLimitsBesideSlowOnes : public ::testing::TestWithParam<SlowKind> {};

TEST_P(ServerLimitsBesideSlowOnes, AGoodClientGetsASeatAsSoonAsSomebodyStalls) {
  Options options = quick();
  options.max_connections = 40;
  Harness harness(options);
  std::vector<RawClient> slow;
  for (int i = 0; i < 40; ++i) {
    slow.emplace_back(harness.server->port(), "127.0.1.1");
    slow.back().shrink_receive_buffer();
    ASSERT_TRUE(slow.back().send(GetParam().sent)) << i;
  }
  ASSERT_TRUE(eventually([&] { return harness.server->connections() == 40; }));
  ASSERT_TRUE(eventually([&] {
    RawClient good = harness.client();
    const auto response = good.send(get("/ok")) ? good.receive() : std::nullopt;
    return response && response->status == 200;
  }));
  EXPECT_GT(harness.refused("evicted"), 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ServerLimitsBesideSlowOnes,
                         ::testing::Values(SlowKind{"Silent", ""}, SlowKind{"FirstHead", kUnfinished},
                                           SlowKind{"SecondHead", get("/ok") + kUnfinished},
                                           SlowKind{"RefusedBody", kUnfinishedBody},
                                           SlowKind{"Answer", get("/big") + get("/big") + get("/big") + get("/big")}),
                         [](const auto& tested) { return tested.param.name; });

TEST(ServerLimits, AClientOfACrowdedAddressGetsTheSeatOfOneThatNeverAsked) {
  Options options = quick();
  options.threads = 1;
  options.max_connections_per_address = 3;
  Harness harness(options);
  RawClient asks = harness.client();
  asks.send(get("/ok"));
  ASSERT_EQ(asks.receive()->status, 200);
  RawClient oldest = harness.client();
  RawClient older = harness.client();
  ASSERT_TRUE(eventually([&] { return harness.server->connections() == 3; }));
  RawClient fresh = harness.client();
  fresh.send(get("/ok"));
  EXPECT_EQ(fresh.receive()->status, 200);
  EXPECT_TRUE(oldest.closed_by_server());
  for (RawClient* kept : {&asks, &older}) {
    kept->send(get("/ok"));
    EXPECT_EQ(kept->receive()->status, 200);
  }
  RawClient none_left = harness.client();
  EXPECT_TRUE(none_left.closed_by_server());
  EXPECT_LE(harness.server->connections(), 4U);
}

// Else a stranger that has its share already would throw out others for nothing.
TEST(ServerLimits, AFullHouseMakesNoRoomForAnAddressThatHasItsShare) {
  Options options = quick();
  options.max_connections = 4;
  options.max_connections_per_address = 3;
  Harness harness(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(harness.server->port(), i == 0 ? "127.0.0.9" : "127.0.0.1");
    clients.back().send(get("/ok"));
    ASSERT_EQ(clients.back().receive()->status, 200);
  }
  RawClient fifth = harness.client();
  EXPECT_TRUE(fifth.closed_by_server());
  EXPECT_EQ(harness.refused("evicted"), 0);
  clients.front().send(get("/ok"));
  EXPECT_EQ(clients.front().receive()->status, 200);
}

TEST(ServerLimits, OneAddressHasItsShareOnly) {
  Options options = quick();
  options.max_connections_per_address = 3;
  Harness harness(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(harness.client());
    clients.back().send(get("/ok"));
    ASSERT_EQ(clients.back().receive()->status, 200);
  }
  RawClient fourth = harness.client();
  EXPECT_TRUE(fourth.closed_by_server());
  EXPECT_EQ(harness.refused("connections_per_address"), 1);
  RawClient other(harness.server->port(), "127.0.0.9");
  other.send(get("/ok"));
  EXPECT_EQ(other.receive()->status, 200);
  clients.pop_back();
  EXPECT_TRUE(eventually([&] {
    RawClient again = harness.client();
    again.send(get("/ok"));
    const auto response = again.receive();
    return response && response->status == 200;
  }));
}

}  // namespace
}  // namespace penstock::http::test
