// The server against slow and vanishing clients, and how it ends.
#include <gtest/gtest.h>

#include "http/server.hpp"
#include "server_harness.hpp"

namespace penstock::http::test {
namespace {

using std::chrono::milliseconds;

TEST(ServerDeadlines, AHeaderThatDripsIsCutFromItsFirstByteOn) {
  Options options = quick();
  options.deadlines.header = milliseconds(100);
  Harness harness(options);
  RawClient client = harness.client();
  const auto began = std::chrono::steady_clock::now();
  client.send("GET /ok HTTP/1.1\r\n");
  while (client.send("X-A: 1\r\n") && harness.refused("timeout") == 0) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_LT(std::chrono::steady_clock::now() - began, kPatience);
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
}

TEST(ServerDeadlines, AnIdleConnectionIsClosedWithoutAWord) {
  Options options = quick();
  options.deadlines.idle = milliseconds(50);
  Harness harness(options);
  RawClient fresh = harness.client();
  EXPECT_TRUE(fresh.closed_by_server());
  // On a busy machine the deadline may pass before the request is sent.
  ASSERT_TRUE(eventually([&] {
    RawClient used = harness.client();
    used.send(get("/ok"));
    const auto response = used.receive();
    if (!response) return false;
    EXPECT_EQ(response->status, 200);
    EXPECT_TRUE(used.closed_by_server());
    return true;
  }));
}

TEST(ServerDeadlines, ABodyBelowTheMinimumRateIsCut) {
  Options options = quick();
  options.deadlines.body_grace = milliseconds(50);
  options.deadlines.body_min_rate = 1 << 20;
  Harness harness(options);
  RawClient client = harness.client();
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 408);
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(ServerDeadlines, AClientThatDoesNotReadIsCut) {
  Options options = quick();
  options.deadlines.write_stall = milliseconds(100);
  Harness harness(options);
  RawClient client = harness.client();
  client.shrink_receive_buffer();
  std::string many;
  for (int i = 0; i < 40; ++i) many += get("/big");  // read at once: what is left unread by the server would reset it anyway
  client.send(many);
  EXPECT_TRUE(eventually([&] { return harness.refused("write_stall") == 1; }));
  EXPECT_TRUE(eventually([&] { return harness.server->connections() == 0; }));
  EXPECT_TRUE(eventually([&] { return client.reset_by_server(); })) << "else the kernel keeps what was not read";
}

TEST(ServerDeadlines, TheHandlerLearnsThatItsClientLeft) {
  Harness harness(quick());
  {
    RawClient client = harness.client();
    client.send(get("/wait"));
    ASSERT_TRUE(eventually([&] { return harness.handler.ran("/wait"); }));
  }
  EXPECT_TRUE(eventually([&] { return harness.handler.gone_seen.load() == 1; }));
  EXPECT_TRUE(eventually([&] { return harness.server->connections() == 0; }));
}

TEST(ServerDeadlines, AStreamEndsWhenItsClientLeaves) {
  Harness harness(quick());
  {
    RawClient client = harness.client();
    client.send(get("/tail"));
    ASSERT_TRUE(eventually([&] { return harness.handler.pipe() != nullptr; }));
    ASSERT_TRUE(harness.handler.pipe()->write("first"));
    EXPECT_NE(client.receive_some(), "");
  }
  EXPECT_TRUE(eventually([&] { return harness.handler.pipe()->reader_gone(); }));
  EXPECT_FALSE(harness.handler.pipe()->write("second"));
  EXPECT_TRUE(eventually([&] { return harness.server->connections() == 0; }));
}

TEST(ServerDeadlines, AStreamThatFailsDoesNotLookWhole) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(get("/stream"));
  ASSERT_TRUE(eventually([&] { return harness.handler.pipe() != nullptr; }));
  harness.handler.pipe()->write("a part");
  harness.handler.pipe()->fail();
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "a part");
  EXPECT_FALSE(response->whole);
}

TEST(ServerDrain, ABusyRequestIsFinishedAndIdleConnectionsAreClosed) {
  Harness harness(quick());
  RawClient idle = harness.client();
  idle.send(get("/ok"));
  EXPECT_EQ(idle.receive()->status, 200);
  RawClient busy = harness.client();
  busy.send(get("/wait") + get("/after"));
  ASSERT_TRUE(eventually([&] { return harness.handler.ran("/wait"); }));
  harness.server->stop_accepting();
  EXPECT_TRUE(idle.closed_by_server());
  EXPECT_TRUE(eventually([&] { return !RawClient(harness.server->port()).connected(); }));
  harness.handler.release_all();
  EXPECT_TRUE(harness.server->drain(kPatience));
  const auto response = busy.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "waited");
  EXPECT_EQ(response->headers.at("connection"), "close");
  EXPECT_FALSE(harness.handler.ran("/after"));
}

TEST(ServerDrain, WhatDoesNotEndIsToldAndCut) {
  Harness harness(quick());
  RawClient busy = harness.client();
  busy.send(get("/wait"));
  RawClient streaming = harness.client();
  streaming.send(get("/stream"));
  ASSERT_TRUE(eventually([&] { return harness.handler.ran("/wait") && harness.handler.pipe() != nullptr; }));
  EXPECT_FALSE(harness.server->drain(milliseconds(50)));
  EXPECT_EQ(harness.handler.gone_seen.load(), 1);
  EXPECT_TRUE(harness.handler.pipe()->reader_gone());
  EXPECT_EQ(harness.server->connections(), 0U);
  const auto response = streaming.receive();
  EXPECT_FALSE(response && response->whole);
}

TEST(ServerDrain, AStreamWithAnEndIsSentWhole) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(get("/stream"));
  ASSERT_TRUE(eventually([&] { return harness.handler.pipe() != nullptr; }));
  harness.server->stop_accepting();
  std::thread producer([pipe = harness.handler.pipe()] {
    for (int i = 0; i < 100; ++i) pipe->write(std::string(10'000, 'x'));
    pipe->close();
  });
  const auto response = client.receive();
  producer.join();
  EXPECT_TRUE(harness.server->drain(kPatience));
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->whole);
  EXPECT_EQ(response->body.size(), 1'000'000U);
}

TEST(ServerDrain, ALiveTailEndsAtOnceAndProperly) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(get("/tail"));
  ASSERT_TRUE(eventually([&] { return harness.handler.pipe() != nullptr; }));
  EXPECT_TRUE(harness.server->drain(kPatience));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_TRUE(response->whole);
}

TEST(ServerStart, APortThatIsTakenIsSaid) {
  Harness harness(quick());
  Options options = quick();
  options.port = harness.server->port();
  Server second(options, harness.handler, harness.budget, harness.metrics);
  const Result<void> started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::io_error);
}

TEST(ServerStart, BadOptionsAreSaid) {
  Harness harness(quick());
  Options options = quick();
  options.address = "localhost:80";
  EXPECT_EQ(Server(options, harness.handler, harness.budget, harness.metrics).start().error().code,
      ErrorCode::config_error);
  options = quick();
  options.tls.certificate_file = "/nonexistent.pem";
  EXPECT_EQ(Server(options, harness.handler, harness.budget, harness.metrics).start().error().code,
      ErrorCode::config_error);
}

}  // namespace
}  // namespace penstock::http::test
