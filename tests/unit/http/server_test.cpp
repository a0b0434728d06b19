// The server over loopback sockets: messages, framing, bodies.
#include "http/server.hpp"

#include <gtest/gtest.h>

#include "framing_cases.hpp"
#include "http/compress.hpp"
#include "http/decompress.hpp"
#include "server_harness.hpp"

namespace penstock::http::test {
namespace {

TEST(Server, ASmuggledRequestNeverRuns) {
  Harness harness(quick());
  for (const FramingCase& one : framing_cases()) {
    SCOPED_TRACE(one.name);
    RawClient client = harness.client();
    ASSERT_TRUE(client.send(one.bytes));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, one.status);
    EXPECT_EQ(response->headers.at("connection"), "close");
    EXPECT_TRUE(response->body.starts_with(R"({"error":{"code":")")) << response->body;
    EXPECT_TRUE(client.closed_by_server());
    EXPECT_FALSE(harness.handler.was_admitted("/smuggled"));
  }
  EXPECT_EQ(harness.handler.run_count(), 0U);
}

TEST(Server, ASmuggledRequestNeverRunsThoughBytesArriveOneByOne) {
  Harness harness(quick());
  for (const FramingCase& one : framing_cases()) {
    if (one.in_head) continue;
    SCOPED_TRACE(one.name);
    RawClient client = harness.client();
    for (const char byte : one.bytes) client.send({&byte, 1});
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, one.status);
    EXPECT_TRUE(client.closed_by_server());
  }
  EXPECT_EQ(harness.handler.run_count(), 0U);
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  Harness harness(quick());
  RawClient client = harness.client();
  std::string many;
  for (int i = 0; i < 200; ++i) {
    const std::string body = "body " + std::to_string(i);
    const std::string rest_size(1, "0123456789abcdef"[body.size() - 3]);
    const std::string chunked = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n" +
                                body.substr(0, 3) + "\r\n" + rest_size + "\r\n" + body.substr(3) + "\r\n0\r\n\r\n";
    many += i % 2 == 0 ? post_to("/echo", body) : chunked;
  }
  ASSERT_TRUE(client.send(many));
  for (int i = 0; i < 200; ++i) {
    const auto response = client.receive();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "body " + std::to_string(i));
  }
}

TEST(Server, AConnectionLivesOnAfterAnswersThatAreErrors) {
  Harness harness(quick());
  RawClient client = harness.client();
  const std::pair<std::string, int> steps[] = {
      {get("/%zz"), 400},
      {get("/../x"), 400},
      {post_to("/denied", std::string(30'000, 'x')), 401},
      {"POST /denied HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 401},
      {post_to("/no_body", "text"), 413},
      {post_to("/echo", "text", "Content-Encoding: br\r\n"), 415},
      {post_to("/echo", "text", "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n"), 415},
      {post_to("/echo", "text", "Content-Encoding: gzip\r\n"), 400},
      {post_to("/echo", "text", "Content-Encoding: none\r\n"), 200},
      {post_to("/echo", "text", "Content-Encoding: utf-8\r\nContent-Encoding: identity\r\n"), 200},
      {get("/throws"), 500},
      {get("/throws_early"), 500},
      {"\r\n" + get("/ok"), 200},
      {post_to("/echo", "text"), 200}};
  for (const auto& [bytes, status] : steps) {
    ASSERT_TRUE(client.send(bytes)) << bytes;
    const auto response = client.receive();
    ASSERT_TRUE(response) << bytes;
    EXPECT_EQ(response->status, status) << bytes;
    EXPECT_FALSE(response->headers.contains("connection")) << bytes;
    EXPECT_EQ(response->body.starts_with(R"({"error":{"code":")"), status >= 400) << response->body;
  }
}

// As Java's client of today asks over plain HTTP unless it is told otherwise.
TEST(Server, AnUpgradeToHttp2IsNotTakenUpAndNotHeldAgainstTheRequest) {
  Harness harness(quick());
  RawClient client = harness.client();
  const char* const upgrade = "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n";
  client.send(get("/ok", upgrade) + post_to("/echo", "text", upgrade) + get("/ok", "Upgrade: websocket, H2C\r\n"));
  for (const char* body : {"ok", "text", "ok"}) {
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, body);
    EXPECT_FALSE(response->headers.contains("upgrade"));
  }
}

TEST(Server, APostWithoutALengthIs411WhereABodyIsMeant) {
  Harness harness(quick());
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    RawClient client = harness.client();
    client.send(std::string(method) + " /echo HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto response = client.receive();
    ASSERT_TRUE(response) << method;
    EXPECT_EQ(response->status, 411) << method;
    EXPECT_TRUE(client.closed_by_server()) << "what follows may be the body";
  }
  RawClient client = harness.client();
  client.send("POST /no_body HTTP/1.1\r\nHost: x\r\n\r\n" "POST /body_optional HTTP/1.1\r\nHost: x\r\n\r\n" "DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n" +
              post_to("/echo", ""));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(client.receive()->status, 200) << i;
}

TEST(Server, TheSameContentTypeTwiceIsOne) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(post_to("/echo", "text", "Content-Type: application/json\r\nContent-Type: application/json\r\n"));
  EXPECT_EQ(client.receive()->status, 200);
}

TEST(Server, HeadIsAnsweredAsGetWithoutABody) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send("HEAD /big HTTP/1.1\r\nHost: x\r\n\r\n" + get("/ok"));
  const auto head = client.receive(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->headers.at("content-length"), "200002");
  EXPECT_EQ(client.receive()->body, "ok");
}

TEST(Server, EveryAnswerCarriesTheSecurityHeaders) {
  Harness harness(quick());
  RawClient client = harness.client();
  for (const char* path : {"/ok", "/denied", "/%zz", "/empty"}) {
    client.send(get(path));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->headers.at("server"), "penstock");
    EXPECT_EQ(response->headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(response->headers.at("cache-control"), "no-store");
    EXPECT_EQ(response->headers.at("content-security-policy"), "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    EXPECT_EQ(response->headers.at("date").size(), 29U);
  }
}

TEST(Server, AHeaderValueCannotBeginANewLine) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(get("/inject"));
  const auto response = client.receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->headers.at("x-a"), "1  X-B: 2");
  EXPECT_FALSE(response->headers.contains("x-b"));
}

TEST(Server, HeadersOverTheLimitsAre431) {
  Harness harness(quick());
  RawClient large = harness.client();
  large.send("GET /ok HTTP/1.1\r\nHost: x\r\nX-A: " + std::string(17'000, 'a'));
  EXPECT_EQ(large.receive()->status, 431);
  EXPECT_TRUE(large.closed_by_server());
  std::string fields;
  for (int i = 0; i < 64; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
  RawClient many = harness.client();
  many.send(get("/ok", fields));
  EXPECT_EQ(many.receive()->status, 431);
  RawClient fitting = harness.client();
  fitting.send(get("/ok", "X-A: " + std::string(15'000, 'a') + "\r\n"));
  EXPECT_EQ(fitting.receive()->status, 200);
}

TEST(Server, ExpectIsAnsweredOnlyWhenTheBodyIsWanted) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.receive()->status, 100);
  client.send("text");
  EXPECT_EQ(client.receive()->body, "text");
  client.send("POST /denied HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  const auto denied = client.receive();
  EXPECT_EQ(denied->status, 401);
  EXPECT_EQ(denied->headers.at("connection"), "close");
  RawClient odd = harness.client();
  odd.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: tea\r\n\r\n");
  EXPECT_EQ(odd.receive()->status, 417);
}

TEST(Server, PackedBodiesAreUnpackedAndBounded) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(post_to("/echo", gzip("hello hello", 6), "Content-Encoding: gzip\r\n"));
  EXPECT_EQ(client.receive()->body, "hello hello");
  client.send(post_to("/echo", gzip(std::string(2 << 20, 'a'), 9), "Content-Encoding: gzip\r\n"));
  const auto bomb = client.receive();
  EXPECT_EQ(bomb->status, 413);
  EXPECT_EQ(harness.budget.used(), 0U);
}

TEST(Server, BodiesOverTheLimitAreRefusedByTheirDeclaredOrRealSize) {
  Harness harness(quick());
  RawClient declared = harness.client();
  declared.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
  const auto response = declared.receive();
  EXPECT_EQ(response->status, 413);
  EXPECT_NE(response->body.find("1048576"), std::string::npos);
  EXPECT_TRUE(declared.closed_by_server());
  RawClient chunked = harness.client();
  std::string chunks = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 17; ++i) chunks += "10000\r\n" + std::string(65'536, 'x') + "\r\n";
  chunked.send(chunks);
  EXPECT_EQ(chunked.receive()->status, 413);
}

TEST(Server, OverTheBudgetABodyIsRefusedBeforeItIsRead) {
  Harness harness(quick(), 1 << 20);
  auto taken = harness.budget.take((1 << 20) - 1000);
  ASSERT_TRUE(taken);
  RawClient client = harness.client();
  // The body never comes: the answer must.
  client.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  const auto refused = client.receive();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->headers.at("retry-after"), "1");
  EXPECT_FALSE(refused->headers.contains("connection"));
  client.send(std::string(1001, 'x') + post_to("/echo", "small enough"));
  EXPECT_EQ(client.receive()->body, "small enough");
  RawClient large = harness.client();
  large.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_EQ(large.receive()->status, 503);
  EXPECT_TRUE(large.closed_by_server());
  RawClient critical = harness.client();
  critical.send(post_to("/critical", std::string(2000, 'x')) + get("/ok"));
  EXPECT_EQ(critical.receive()->status, 200);
  EXPECT_EQ(critical.receive()->status, 200);
  EXPECT_EQ(harness.refused("overloaded"), 2);
  EXPECT_FALSE(harness.handler.ran("/never"));
}

TEST(Server, AChunkedBodyGrowsItsLeaseAndGivesItBack) {
  Harness harness(quick(), 200'000);
  RawClient client = harness.client();
  std::string chunks = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  client.send(chunks + "10000\r\n" + std::string(65'536, 'x') + "\r\n");
  EXPECT_TRUE(eventually([&] { return harness.budget.used() >= 65'536; }));
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.receive()->body.size(), 65'536U);
  EXPECT_TRUE(eventually([&] { return harness.budget.used() == 0; }));
  for (int i = 0; i < 4; ++i) chunks += "10000\r\n" + std::string(65'536, 'x') + "\r\n";
  RawClient over = harness.client();
  over.send(chunks);
  const auto refused = over.receive();
  ASSERT_TRUE(refused);
  EXPECT_TRUE(refused->status == 413 || refused->status == 503);
  EXPECT_TRUE(eventually([&] { return harness.budget.used() == 0; }));
}

TEST(Server, LongTextAnswersArePackedForWhoTakesIt) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(get("/big", "Accept-Encoding: gzip\r\n") + get("/big") + get("/ok", "Accept-Encoding: gzip\r\n"));
  const auto packed = client.receive();
  EXPECT_EQ(packed->headers.at("content-encoding"), "gzip");
  EXPECT_LT(packed->body.size(), 2000U);
  EXPECT_EQ(client.receive()->body.size(), 200'002U);
  EXPECT_FALSE(client.receive()->headers.contains("content-encoding"));
}

TEST(Server, OldClientsAreServed) {
  Harness harness(quick());
  RawClient once = harness.client();
  once.send("GET /ok HTTP/1.0\r\n\r\n");
  EXPECT_EQ(once.receive()->headers.at("connection"), "close");
  EXPECT_TRUE(once.closed_by_server());
  RawClient kept = harness.client();
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /ok HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.receive()->headers.at("connection"), "keep-alive");
  }
  RawClient stream = harness.client();
  stream.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return harness.handler.pipe() != nullptr; }));
  harness.handler.pipe()->write("all of it");
  harness.handler.pipe()->close();
  EXPECT_EQ(stream.receive()->body, "all of it");
}

TEST(Server, RequestsAreCounted) {
  Harness harness(quick());
  RawClient client = harness.client();
  client.send(get("/ok") + get("/ok") + post_to("/denied", ""));
  for (int i = 0; i < 3; ++i) client.receive();
  EXPECT_EQ(harness.metrics.value("penstock_http_requests_total", {{"method", "GET"}, {"status", "200"}}), 2);
  EXPECT_TRUE(eventually([&] { return harness.server->requests_total() == 3; }));
  EXPECT_EQ(harness.metrics.value("penstock_http_connections"), 1);
}

}  // namespace
}  // namespace penstock::http::test
