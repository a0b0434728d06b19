// The client against the server, plain and over TLS.
#include "http/client.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <filesystem>
#include <fstream>

#include "http/certificate.hpp"
#include "http/outward.hpp"
#include "server_harness.hpp"

namespace penstock::http::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string url(const Harness& harness, const std::string& path, const char* scheme = "http") {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(harness.server->port()) + path;
}

// A self-signed certificate and its key, as files.
class Certificate {
 public:
  explicit Certificate(const std::string& name = "127.0.0.1")
      : folder_(std::filesystem::path(testing::TempDir()) / ("tls_" + std::to_string(getpid()) + "_" + name)) {
    std::filesystem::create_directories(folder_);
    const auto made = make_self_signed({.names = {name}, .days = 2});
    EXPECT_TRUE(made);
    std::ofstream(path("cert.pem")) << made->certificate;
    std::ofstream(path("key.pem")) << made->key;
    fingerprint = made->fingerprint;
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }
  TlsOptions served() const { return {path("cert.pem"), path("key.pem"), false, true, "", false}; }

  std::string fingerprint;

 private:
  std::filesystem::path folder_;
};

ClientOptions trusting(const Certificate& certificate) {
  ClientOptions options;
  options.tls.ca_file = certificate.path("cert.pem");
  return options;
}

ClientOptions pinning(const std::string& fingerprint) {
  ClientOptions options;
  options.tls.pins = {fingerprint};
  return options;
}

TEST(Client, AnswersOfEveryFramingAreReadOnOneConnection) {
  Harness harness(quick());
  Client client;
  const auto echo = client.request("POST", url(harness, "/echo"), {{"X-A", "1"}}, "body", kPatience);
  ASSERT_TRUE(echo) << echo.error().message;
  EXPECT_EQ(echo->body, "body");
  EXPECT_EQ(echo->header("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(client.request("GET", url(harness, "/empty"), {}, "", kPatience)->status, 204);
  EXPECT_EQ(client.request("HEAD", url(harness, "/big"), {}, "", kPatience)->body, "");
  EXPECT_EQ(client.request("GET", url(harness, "/denied"), {}, "", kPatience)->status, 401);
  std::thread producer([&] {
    ASSERT_TRUE(eventually([&] { return harness.handler.pipe() != nullptr; }));
    harness.handler.pipe()->write("piece by ");
    harness.handler.pipe()->write("piece");
    harness.handler.pipe()->close();
  });
  EXPECT_EQ(client.request("GET", url(harness, "/stream"), {}, "", kPatience)->body, "piece by piece");
  producer.join();
  EXPECT_EQ(harness.server->connections(), 1U);
}

TEST(Client, AKeptConnectionThatTheServerClosedIsReplaced) {
  Options options = quick();
  options.deadlines.idle = seconds(1);  // long enough for a busy machine to send a request on a new connection
  Harness harness(options);
  Client client;
  ASSERT_TRUE(client.request("GET", url(harness, "/ok"), {}, "", kPatience));
  ASSERT_TRUE(eventually([&] { return harness.server->connections() == 0; }));
  const auto response = client.request("GET", url(harness, "/ok"), {}, "", kPatience);
  EXPECT_TRUE(response) << response.error().message;
}

TEST(Client, TheTimeoutCoversTheWholeExchange) {
  Harness harness(quick());
  Client client;
  const auto response = client.request("GET", url(harness, "/wait"), {}, "", milliseconds(100));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::timeout);
  harness.handler.release_all();
  EXPECT_TRUE(client.request("GET", url(harness, "/ok"), {}, "", kPatience));
}

TEST(Client, AnswersAreBounded) {
  Harness harness(quick());
  ClientOptions options;
  options.max_answer_bytes = 1000;
  Client client(options);
  const auto response = client.request("GET", url(harness, "/big"), {}, "", kPatience);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::too_large);
}

TEST(Client, ARefusalThatComesBeforeTheBodyIsSentIsRead) {
  Harness harness(quick());
  Client client;
  const std::string body(4 << 20, 'x');
  const auto response = client.request("POST", url(harness, "/echo"), {}, body, kPatience);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 413);
  EXPECT_TRUE(client.request("GET", url(harness, "/ok"), {}, "", kPatience));
}

TEST(Client, HeadersThatBreakLinesAreRefused) {
  Harness harness(quick());
  Client client;
  EXPECT_EQ(client.request("GET", url(harness, "/ok"), {{"A", "b\r\nC: d"}}, "", kPatience).error().code,
      ErrorCode::invalid_request);
  EXPECT_EQ(harness.handler.run_count(), 0U);
  harness.server->drain(milliseconds(0));
  EXPECT_EQ(Client().request("GET", url(harness, "/ok"), {}, "", kPatience).error().code, ErrorCode::io_error);
}

std::shared_ptr<const OutwardPolicy> guard(const std::vector<std::string>& allow_cidrs) {
  return std::make_shared<const OutwardPolicy>(*OutwardPolicy::parse(allow_cidrs));
}

std::string named_url(const Harness& harness, const std::string& path) {
  return "http://some.name.example:" + std::to_string(harness.server->port()) + path;
}

TEST(GuardedClient, ReachesNoInnerAddressUnlessItIsListed) {
  Harness harness(quick());
  ClientOptions options;
  options.guard = guard({});
  const auto refused = Client(options).request("GET", url(harness, "/ok"), {}, "", kPatience);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::forbidden);
  EXPECT_NE(refused.error().message.find("127.0.0.1, which is loopback"), std::string::npos) << refused.error().message;
  EXPECT_EQ(harness.server->connections(), 0U);
  options.guard = guard({"127.0.0.0/8"});
  EXPECT_TRUE(Client(options).request("GET", url(harness, "/ok"), {}, "", kPatience));
}

TEST(GuardedClient, OneInnerAddressOfANameIsEnoughToRefuseIt) {
  Harness harness(quick());
  ClientOptions options;
  options.guard = guard({"127.0.0.1"});
  options.lookup = [](const std::string&) { return std::vector<std::string>{"127.0.0.1", "169.254.169.254"}; };
  EXPECT_EQ(Client(options).request("GET", named_url(harness, "/ok"), {}, "", kPatience).error().code, ErrorCode::forbidden);
  EXPECT_EQ(harness.handler.run_count(), 0U);
}

TEST(GuardedClient, ANameThatMeansAnotherAddressAMomentLaterIsAskedOnce) {
  Harness harness(quick());
  ClientOptions options;
  options.guard = guard({"127.0.0.1"});
  int asked = 0;
  // The second answer is one where nobody listens.
  options.lookup = [&asked](const std::string&) { return std::vector<std::string>{asked++ == 0 ? "127.0.0.1" : "127.9.9.9"}; };
  Client client(options);
  EXPECT_TRUE(client.request("GET", named_url(harness, "/ok"), {}, "", kPatience));
  EXPECT_TRUE(client.request("GET", named_url(harness, "/ok"), {}, "", kPatience));
  EXPECT_EQ(asked, 1);
  client.close();
  EXPECT_EQ(client.request("GET", named_url(harness, "/ok"), {}, "", kPatience).error().code, ErrorCode::forbidden);
}

TEST(GuardedClient, FollowsNoRedirect) {
  Harness harness(quick());
  ClientOptions options;
  options.guard = guard({"127.0.0.1"});
  const auto answer = Client(options).request("GET", url(harness, "/moved"), {}, "", kPatience);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->header("Location"), "/ok");
  EXPECT_EQ(harness.handler.run_count(), 1U);
}

TEST(Client, ANameThatDoesNotExistIsSaid) {
  const auto answer = Client().request("GET", "http://no-such-host.invalid/", {}, "", kPatience);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().code, ErrorCode::forbidden);
  EXPECT_NE(answer.error().message.find("no-such-host.invalid"), std::string::npos) << answer.error().message;
}

TEST(Tls, RequestsAndDrainWorkOverTls) {
  Certificate certificate;
  Options options = quick();
  options.tls = certificate.served();
  Harness harness(options);
  Client client(trusting(certificate));
  for (int i = 0; i < 3; ++i) {
    const std::string body(300'000, 'b');
    const auto response = client.request("POST", url(harness, "/echo", "https"), {}, body, kPatience);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, body);
    EXPECT_EQ(response->header("Strict-Transport-Security"), "max-age=31536000; includeSubDomains");
  }
  EXPECT_EQ(harness.server->connections(), 1U);
  ASSERT_TRUE(harness.server->reload_tls());
  Client stranger(ClientOptions{});
  const auto distrusted = stranger.request("GET", url(harness, "/ok", "https"), {}, "", kPatience);
  ASSERT_FALSE(distrusted);
  EXPECT_EQ(distrusted.error().code, ErrorCode::io_error);
  EXPECT_EQ(distrusted.error().field, "tls");
  EXPECT_NE(distrusted.error().message.find("is not trusted"), std::string::npos) << distrusted.error().message;
  EXPECT_EQ(harness.handler.run_count(), 3U);
  EXPECT_TRUE(harness.server->drain(kPatience));
}

TEST(Tls, ARequestInTheClearIsToldToUseHttps) {
  Certificate certificate;
  Options options = quick();
  options.tls = certificate.served();
  Harness harness(options);
  for (const std::string& request : {get("/ok"), "DELETE /x HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(), post_to("/echo", std::string(100'000, 'x'))}) {
    RawClient plain = harness.client();
    plain.send(request);
    const auto answer = plain.receive();
    ASSERT_TRUE(answer) << request.substr(0, 20);
    EXPECT_EQ(answer->status, 400);
    EXPECT_NE(answer->body.find("use https://"), std::string::npos) << answer->body;
    EXPECT_FALSE(answer->headers.contains("strict-transport-security"));
    EXPECT_TRUE(plain.closed_by_server());
  }
  EXPECT_EQ(harness.handler.run_count(), 0U);
  EXPECT_EQ(harness.refused("plain_on_tls"), 3);
  EXPECT_TRUE(Client(trusting(certificate)).request("GET", url(harness, "/ok", "https"), {}, "", kPatience));
}

TEST(Tls, AServerIsKnownByItsFingerprintAlone) {
  Certificate certificate("some.name.example"), other("other.name.example");
  Options options = quick();
  options.tls = certificate.served();
  Harness harness(options);
  const auto ask = [&](const ClientOptions& client) { return Client(client).request("GET", url(harness, "/ok", "https"), {}, "", kPatience); };
  EXPECT_TRUE(ask(pinning(certificate.fingerprint)));
  EXPECT_TRUE(ask(pinning("SHA256 Fingerprint=" + certificate.fingerprint)));
  const auto strange = ask(pinning(other.fingerprint));
  ASSERT_FALSE(strange);
  EXPECT_EQ(strange.error().field, "tls");
  EXPECT_NE(strange.error().message.find(certificate.fingerprint), std::string::npos) << strange.error().message;
  EXPECT_EQ(harness.handler.run_count(), 2U);
  // By its signature alone it is no server of this name.
  const auto misnamed = ask(trusting(certificate));
  ASSERT_FALSE(misnamed);
  EXPECT_EQ(misnamed.error().field, "tls");
  EXPECT_EQ(ask(pinning("AB:CD")).error().code, ErrorCode::config_error);
  // Who wants to be sure of the server does not mean to speak in the clear.
  EXPECT_EQ(Client(pinning(certificate.fingerprint)).request("GET", url(harness, "/ok"), {}, "", kPatience).error().code, ErrorCode::config_error);
  const auto ends = harness.metrics.value("penstock_http_tls_certificate_ends_seconds", {});
  ASSERT_TRUE(ends);
  EXPECT_NEAR(*ends, static_cast<double>(std::time(nullptr)) + 2 * 24 * 3600, 3600);
}

TEST(Tls, AClientIsKnownByItsCertificate) {
  Certificate certificate, client_certificate("attic.example"), stranger("stranger.example");
  for (const bool required : {false, true}) {
    Options options = quick();
    options.tls = certificate.served();
    options.tls.client_ca_file = client_certificate.path("cert.pem");
    options.tls.client_required = required;
    Harness harness(options);
    const auto ask = [&](const Certificate* own) {
      ClientOptions client = trusting(certificate);
      if (own != nullptr) client.tls.certificate_file = own->path("cert.pem"), client.tls.key_file = own->path("key.pem");
      return Client(client).request("GET", url(harness, "/client", "https"), {}, "", kPatience);
    };
    const auto known = ask(&client_certificate);
    ASSERT_TRUE(known) << known.error().message;
    EXPECT_EQ(known->body, "CN=attic.example");
    const auto strange = ask(&stranger);
    ASSERT_FALSE(strange);
    EXPECT_EQ(strange.error().field, "tls") << strange.error().message;
    EXPECT_NE(strange.error().message.find("does not take this client's certificate"), std::string::npos) << strange.error().message;
    const auto none = ask(nullptr);
    ASSERT_EQ(static_cast<bool>(none), !required);
    const std::string said = none ? none->body : none.error().message;
    EXPECT_NE(said.find(required ? "wants a certificate of its clients" : "nobody"), std::string::npos) << said;
    EXPECT_EQ(harness.handler.run_count(), required ? 1U : 2U);
  }
}

TEST(Tls, AHandshakeThatStallsIsCut) {
  Certificate certificate;
  Options options = quick();
  options.tls = certificate.served();
  options.deadlines.handshake = milliseconds(50);
  Harness harness(options);
  RawClient client = harness.client();
  EXPECT_TRUE(client.closed_by_server());
  EXPECT_TRUE(eventually([&] { return harness.refused("handshake_timeout") == 1; }));
}

TEST(Tls, AConnectionCountsForTheBuffersThatTlsTakes) {
  Certificate certificate;
  Options options = quick();
  options.threads = 1;
  options.tls = certificate.served();
  options.connection_memory = 3 * kTlsConnectionBytes;
  options.deadlines.stall = milliseconds(0);
  Harness harness(options);
  std::vector<RawClient> silent;
  for (int i = 0; i < 3; ++i) silent.push_back(harness.client());
  ASSERT_TRUE(eventually([&] { return harness.server->connections() == 3; }));
  Client client(trusting(certificate));
  EXPECT_TRUE(client.request("GET", url(harness, "/ok", "https"), {}, "", kPatience));
  EXPECT_TRUE(silent.front().closed_by_server());
  EXPECT_EQ(harness.refused("evicted"), 1);
}

TEST(Tls, ABadReloadKeepsTheOldCertificate) {
  Certificate certificate;
  Options options = quick();
  options.tls = certificate.served();
  Harness harness(options);
  std::filesystem::remove(certificate.path("key.pem"));
  EXPECT_EQ(harness.server->reload_tls().error().code, ErrorCode::config_error);
  Client client(trusting(certificate));
  EXPECT_TRUE(client.request("GET", url(harness, "/ok", "https"), {}, "", kPatience));
}

}  // namespace
}  // namespace penstock::http::test
