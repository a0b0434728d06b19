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
  options.deadlines.stall = std::chrono::milliseconds(1);
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
  bool asks = false;  // and is told to close, where nearly all seats are taken
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
  ASSERT_TRUE(eventually([&] { return harness.server->connections() >= (GetParam().asks ? 30 : 40); }));
  ASSERT_TRUE(eventually([&] {
    RawClient good = harness.client();
    const auto response = good.send(get("/ok")) ? good.receive() : std::nullopt;
    return response && response->status == 200;
  }));
  if (!GetParam().asks) {
    EXPECT_GT(harness.refused("evicted"), 0);
  }
  // What they did not read must not stay in the kernel.
  if (std::string_view(GetParam().name) == "Answer") {
    EXPECT_TRUE(eventually([&] {
      return std::count_if(slow.begin(), slow.end(), [](const RawClient& one) { return one.reset_by_server(); }) == harness.refused("evicted");
    }));
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, ServerLimitsBesideSlowOnes,
                         ::testing::Values(SlowKind{"Silent", ""}, SlowKind{"FirstHead", kUnfinished},
                                           SlowKind{"SecondHead", get("/ok") + kUnfinished, true},
                                           SlowKind{"RefusedBody", kUnfinishedBody},
                                           SlowKind{"Answer", get("/big") + get("/big") + get("/big") + get("/big")}),
                         [](const auto& tested) { return tested.param.name; });

// The tests' own addresses count as any other.
Options counting_addresses(std::size_t per_address) {
  Options options = quick();
  options.trust_loopback = false;
  options.max_connections_per_address = per_address;
  options.deadlines.stall = std::chrono::milliseconds(0);  // whoever has not asked stalls, however fast this machine is
  return options;
}

void expect_served(RawClient& client) {
  ASSERT_TRUE(client.send(get("/ok")));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

// Not by a reset, of which nobody can tell the reason.
void expect_turned_away(RawClient& client) {
  ASSERT_TRUE(client.send(get("/ok")));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->headers.at("retry-after"), "1");
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_TRUE(response->body.starts_with(R"({"error":{"code":"overloaded")")) << response->body;
  EXPECT_TRUE(client.closed_by_server());
}

TEST(ServerLimits, AClientOfACrowdedAddressGetsTheSeatOfOneThatNeverAskedThenOfTheLongestIdle) {
  Options options = counting_addresses(3);
  options.threads = 1;  // so that all are neighbours
  Harness harness(options);
  RawClient asks = harness.client();
  expect_served(asks);
  RawClient silent = harness.client();
  RawClient asks_too = harness.client();
  expect_served(asks_too);
  RawClient fresh = harness.client();
  ASSERT_TRUE(eventually([&] { return harness.refused("evicted") == 1 || harness.refused("connections_per_address") == 1; }));
  expect_served(fresh);
  EXPECT_TRUE(silent.closed_by_server());
  RawClient last = harness.client();
  expect_served(last);
  EXPECT_TRUE(asks.closed_by_server()) << "the longest idle";
  expect_served(asks_too);
}

TEST(ServerLimits, WhoHasOnlyJustComeIsNotThrownOutBeforeItCouldAsk) {
  Options options = counting_addresses(2);
  options.deadlines.stall = kPatience;
  Harness harness(options);
  RawClient first = harness.client(), second = harness.client();
  ASSERT_TRUE(eventually([&] { return harness.server->connections() == 2; }));
  RawClient third = harness.client();
  expect_turned_away(third);
  expect_served(first);
  expect_served(second);
  EXPECT_EQ(harness.refused("evicted"), 0);
}

// Else a stranger that has its share already would throw out others for nothing.
TEST(ServerLimits, AFullHouseMakesNoRoomForAnAddressThatHasItsShare) {
  Options options = counting_addresses(3);
  options.max_connections = 4;
  Harness harness(options);
  RawClient other(harness.server->port(), "127.0.0.9");
  expect_served(other);
  std::vector<RawClient> busy;
  for (int i = 0; i < 3; ++i) {
    busy.push_back(harness.client());
    busy.back().send(get("/wait"));
  }
  ASSERT_TRUE(eventually([&] { return harness.handler.run_count() == 4; }));
  RawClient fifth = harness.client();
  expect_turned_away(fifth);
  EXPECT_EQ(harness.refused("connections_per_address"), 1);
  EXPECT_EQ(harness.refused("evicted"), 0);
  harness.handler.release_all();
  expect_served(other);
}

TEST(ServerLimits, WhoIsAtWorkKeepsItsSeatAndTheNextOneIsTurnedAwayWithAnAnswer) {
  Options options = quick();
  options.max_connections = 2;
  Harness harness(options);
  RawClient first = harness.client(), second = harness.client();
  for (RawClient* busy : {&first, &second}) busy->send(get("/wait"));
  ASSERT_TRUE(eventually([&] { return harness.handler.run_count() == 2; }));
  RawClient third = harness.client();
  expect_turned_away(third);
  EXPECT_EQ(harness.refused("connections"), 1);
  harness.handler.release_all();
  for (RawClient* busy : {&first, &second}) EXPECT_EQ(busy->receive()->body, "waited");
}

// All that nginx keeps open to one upstream, or all agents behind one tunnel.
TEST(ServerLimits, ClientsOfThisMachineAreNotCounted) {
  Options options = quick();
  options.max_connections_per_address = 3;
  Harness harness(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(harness.client());
  for (RawClient& client : clients) expect_served(client);
  EXPECT_EQ(harness.server->connections(), 50U);
}

TEST(ServerLimits, WhatAProxyPassesOnCountsByTheClientThatItNames) {
  Options options = quick();
  options.max_connections_per_address = 2;
  Harness harness(options);
  const auto from = [](const char* path, const char* client) { return get(path, "X-Forwarded-For: 203.0.113.9, " + std::string(client) + "\r\n"); };
  std::vector<RawClient> proxy;
  for (int i = 0; i < 4; ++i) proxy.push_back(harness.client());
  for (int i = 0; i < 2; ++i) proxy[static_cast<std::size_t>(i)].send(from("/wait", "198.51.100.1"));
  ASSERT_TRUE(eventually([&] { return harness.handler.run_count() == 2; }));
  proxy[2].send(from("/ok", "198.51.100.1"));
  const auto refused = proxy[2].receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_FALSE(refused->headers.contains("connection")) << "others use it too";
  proxy[2].send(from("/peer", "198.51.100.2"));
  EXPECT_EQ(proxy[2].receive()->body, "198.51.100.2");
  proxy[3].send(get("/peer"));
  EXPECT_EQ(proxy[3].receive()->body, "127.0.0.1");
  harness.handler.release_all();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(proxy[static_cast<std::size_t>(i)].receive()->body, "waited");
  proxy[2].send(from("/peer", "198.51.100.1"));
  EXPECT_EQ(proxy[2].receive()->body, "198.51.100.1") << "its requests are over";
}

TEST(ServerLimits, WhoIsNoTrustedProxyIsNotBelieved) {
  Harness harness(counting_addresses(10));
  RawClient client = harness.client();
  client.send(get("/peer", "X-Forwarded-For: 198.51.100.1\r\n"));
  EXPECT_EQ(client.receive()->body, "127.0.0.1");
}

TEST(ServerLimits, AboveThreeQuartersOfTheSeatsAnswersSayClose) {
  Options options = quick();
  options.max_connections = 8;
  Harness harness(options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 7; ++i) {
    clients.push_back(harness.client());
    clients.back().send(get("/ok"));
    const auto response = clients.back().receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->headers.contains("connection"), i == 6) << i;
  }
  EXPECT_TRUE(clients.back().closed_by_server());
}

// With one io thread, so that all are neighbours.
Options with_memory_for(std::size_t connections, std::size_t more) {
  Options options = quick();
  options.threads = 1;
  options.connection_memory = connections * kPlainConnectionBytes + more;
  options.deadlines.stall = std::chrono::milliseconds(0);
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
  expect_turned_away(third);
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
  Options secure;
  secure.tls.certificate_file = "cert.pem";
  EXPECT_EQ(suited_to(0, secure).connection_memory, 16U << 20);
  EXPECT_EQ(suited_to(kGiB, secure).connection_memory, 16U << 20);
  EXPECT_EQ(suited_to(8 * kGiB, secure).connection_memory, 128U << 20);
  EXPECT_EQ(suited_to(256 * kGiB, secure).connection_memory, 256U << 20);
  Options given;
  given.max_connections = 7;
  given.connection_memory = 1 << 20;
  EXPECT_EQ(suited_to(kGiB, given).max_connections, 7U);
  EXPECT_EQ(suited_to(kGiB, given).connection_memory, 1U << 20);
}

}  // namespace
}  // namespace penstock::http::test
