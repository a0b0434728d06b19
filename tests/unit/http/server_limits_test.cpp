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
  // What they did not read must not stay in the kernel.
  if (std::string_view(GetParam().name) == "Answer") {
    EXPECT_TRUE(eventually([&] {
      return std::count_if(slow.begin(), slow.end(), [](const RawClient& one) { return one.reset_by_server(); }) == harness.refused("evicted");
    }));
  }
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

// With one io thread, so that all are neighbours.
Options with_memory_for(std::size_t connections, std::size_t more) {
  Options options = quick();
  options.threads = 1;
  options.connection_memory = connections * kPlainConnectionBytes + more;
  return options;
}

std::string with_field_of(std::size_t bytes) { return get("/ok", "X-Long: " + std::string(bytes, 'a') + "\r\n"); }

TEST(ServerMemory, UnfinishedHeadsMakeRoomForEachOtherAndForWhoAsksProperly) {
  Harness harness(with_memory_for(20, 0));
  std::vector<RawClient> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(harness.client());
    slow.back().send("GET /slow HTTP/1.1\r\nX-Slow: " + std::string(12'000, 's'));
  }
  EXPECT_TRUE(eventually([&] { return harness.refused("evicted") >= 50; })) << "20 connections, or 8 with heads of 12 KB";
  for (const std::size_t size : {10U, 14'000U}) {
    RawClient good = harness.client();
    ASSERT_TRUE(good.send(with_field_of(size)));
    const auto response = good.receive();
    ASSERT_TRUE(response) << size;
    EXPECT_EQ(response->status, 200) << size;
  }
}

TEST(ServerMemory, AHeadForWhichNobodyCanMakeRoomIsRefused) {
  Harness harness(with_memory_for(1, 1000));
  RawClient client = harness.client();
  client.send(with_field_of(10'000));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->headers.at("retry-after"), "1");
  EXPECT_TRUE(client.closed_by_server());
}

TEST(ServerMemory, BodiesAreReadInSmallPiecesWhereThereIsNoMemoryForLargeOnes) {
  Harness harness(with_memory_for(1, 0));
  RawClient client = harness.client();
  const std::string body(300'000, 'b');
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.send(post_to("/echo", body)));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, body);
  }
}

TEST(ServerMemory, WhoIsServedMakesNoRoomForNewcomers) {
  Harness harness(with_memory_for(2, 0));
  RawClient first = harness.client(), second = harness.client();
  for (RawClient* busy : {&first, &second}) busy->send(get("/wait"));
  ASSERT_TRUE(eventually([&] { return harness.handler.run_count() == 2; }));
  RawClient third = harness.client();
  EXPECT_TRUE(third.closed_by_server());
  EXPECT_EQ(harness.refused("connection_memory"), 1);
  harness.handler.release_all();
  for (RawClient* busy : {&first, &second}) EXPECT_EQ(busy->receive()->body, "waited");
  RawClient fourth = harness.client();
  fourth.send(get("/ok"));
  EXPECT_EQ(fourth.receive()->status, 200) << "an idle one makes room";
}

TEST(ServerMemory, LargeHeadsAndReadsAreGivenBackWithTheirRequest) {
  Harness harness(with_memory_for(4, 24'000));  // of which bodies may have a fourth less
  std::vector<RawClient> kept;
  for (int i = 0; i < 4; ++i) {
    kept.push_back(harness.client());
    kept.back().send(with_field_of(10'000));
    ASSERT_EQ(kept.back().receive()->status, 200);
    kept.back().send(post_to("/echo", std::string(100'000, 'b')));
    ASSERT_EQ(kept.back().receive()->body.size(), 100'000U);
  }
  EXPECT_EQ(harness.refused("evicted"), 0);
  EXPECT_EQ(harness.server->connections(), 4U);
}

TEST(ServerMemory, AnswersThatAreNotTakenMakeRoomForOthers) {
  Options options = quick();
  options.threads = 1;
  options.answer_memory = 300'000;  // one of /big
  Harness harness(options);
  RawClient stalls = harness.client();
  stalls.shrink_receive_buffer();
  stalls.send(get("/big") + get("/big"));
  ASSERT_TRUE(eventually([&] { return harness.handler.ran("/big"); }));
  RawClient reads = harness.client();
  const auto ask = [&] {
    reads.send(get("/big"));
    const auto response = reads.receive();
    EXPECT_TRUE(response);
    if (response && response->status == 503) { EXPECT_EQ(response->headers.at("retry-after"), "1"); }
    return response ? response->status : 0;
  };
  EXPECT_TRUE(eventually([&] { return ask() == 200; })) << "after a second that is a stall";
  EXPECT_TRUE(eventually([&] { return stalls.reset_by_server(); }));
  EXPECT_EQ(harness.refused("evicted"), 1);
  EXPECT_EQ(ask(), 200) << "what was taken counts no more";
}

TEST(ServerMemory, WhileNobodyStallsAFurtherAnswerIsOverloaded) {
  Options options = quick();
  options.threads = 1;
  options.answer_memory = 300'000;  // one of /big
  options.deadlines.stall = kPatience;
  Harness harness(options);
  RawClient slow = harness.client();
  slow.shrink_receive_buffer();
  slow.send(get("/big"));
  ASSERT_TRUE(eventually([&] { return harness.server->answer_memory().used() > 0; }));
  RawClient other = harness.client();
  other.send(get("/big") + get("/ok"));
  const auto refused = other.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.at("retry-after"), "1");
  EXPECT_EQ(other.receive()->status, 200) << "small answers go on, and the connection with them";
  slow.close();
  EXPECT_TRUE(eventually([&] { return harness.server->answer_memory().used() == 0; }));
  other.send(get("/big"));
  EXPECT_EQ(other.receive()->status, 200);
}

TEST(ServerMemory, AnAnswerLargerThanAllThatMayWaitGoesAlone) {
  Options options = quick();
  options.answer_memory = 100'000;
  Harness harness(options);
  RawClient client = harness.client();
  for (const char* fields : {"", "Accept-Encoding: gzip\r\n", ""}) {
    client.send(get("/big", fields));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
  }
}

TEST(ServerMemory, WhatIsNotConfiguredSuitsTheMachine) {
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  EXPECT_EQ(suited_to(kGiB, {}).max_connections, 512U);
  EXPECT_EQ(suited_to(kGiB, {}).connection_memory, 8U << 20);
  EXPECT_EQ(suited_to(kGiB, {}).answer_memory, 8U << 20);
  for (const std::uint64_t large : {kGiB + 1, std::uint64_t{0}}) {
    EXPECT_EQ(suited_to(large, {}).max_connections, 4096U);
    EXPECT_EQ(suited_to(large, {}).connection_memory, 32U << 20);
    EXPECT_EQ(suited_to(large, {}).answer_memory, 16U << 20);
  }
  Options given;
  given.max_connections = 7;
  given.connection_memory = 1 << 20;
  EXPECT_EQ(suited_to(kGiB, given).max_connections, 7U);
  EXPECT_EQ(suited_to(kGiB, given).connection_memory, 1U << 20);
}

}  // namespace
}  // namespace penstock::http::test
