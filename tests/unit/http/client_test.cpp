// The client against the server, plain and over TLS.
#include "http/client.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <filesystem>

#include "server_harness.hpp"

namespace penstock::http::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string url(const Harness& harness, const std::string& path, const char* scheme = "http") {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(harness.server->port()) + path;
}

// A self-signed certificate for 127.0.0.1 and its key, as files.
class Certificate {
 public:
  Certificate() : folder_(std::filesystem::path(testing::TempDir()) / ("tls_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_EXTENSION* name = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate, name, -1);
    X509_EXTENSION_free(name);
    X509_sign(certificate, key, EVP_sha256());
    FILE* file = fopen(path("cert.pem").c_str(), "w");
    PEM_write_X509(file, certificate);
    fclose(file);
    file = fopen(path("key.pem").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  std::string path(const char* name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

ClientOptions trusting(const Certificate& certificate) {
  ClientOptions options;
  options.ca_file = certificate.path("cert.pem");
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

TEST(Client, AddressesAndHeadersAreChecked) {
  Harness harness(quick());
  ClientOptions options;
  options.allow_address = [](std::string_view address) { return address != "127.0.0.1"; };
  Client client(options);
  EXPECT_EQ(client.request("GET", url(harness, "/ok"), {}, "", kPatience).error().code, ErrorCode::forbidden);
  EXPECT_EQ(client.request("GET", url(harness, "/ok"), {{"A", "b\r\nC: d"}}, "", kPatience).error().code,
      ErrorCode::invalid_request);
  EXPECT_EQ(harness.handler.run_count(), 0U);
  harness.server->drain(milliseconds(0));
  EXPECT_EQ(Client().request("GET", url(harness, "/ok"), {}, "", kPatience).error().code, ErrorCode::io_error);
}

TEST(Tls, RequestsAndDrainWorkOverTls) {
  Certificate certificate;
  Options options = quick();
  options.tls = {certificate.path("cert.pem"), certificate.path("key.pem"), false, true};
  Harness harness(options);
  Client client(trusting(certificate));
  for (int i = 0; i < 3; ++i) {
    const std::string body(300'000, 'b');
    const auto response = client.request("POST", url(harness, "/echo", "https"), {}, body, kPatience);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->body, body);
    EXPECT_NE(response->header("Strict-Transport-Security"), "");
  }
  EXPECT_EQ(harness.server->connections(), 1U);
  ASSERT_TRUE(harness.server->reload_tls());
  Client stranger(ClientOptions{});
  const auto distrusted = stranger.request("GET", url(harness, "/ok", "https"), {}, "", kPatience);
  ASSERT_FALSE(distrusted);
  EXPECT_EQ(distrusted.error().code, ErrorCode::io_error);
  EXPECT_EQ(distrusted.error().field, "tls");
  EXPECT_NE(distrusted.error().message.find("is not trusted"), std::string::npos) << distrusted.error().message;
  RawClient plain = harness.client();
  plain.send(get("/ok"));
  EXPECT_FALSE(plain.receive());
  EXPECT_EQ(harness.handler.run_count(), 3U);
  EXPECT_TRUE(harness.server->drain(kPatience));
}

TEST(Tls, AHandshakeThatStallsIsCut) {
  Certificate certificate;
  Options options = quick();
  options.tls = {certificate.path("cert.pem"), certificate.path("key.pem"), false, true};
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
  options.tls = {certificate.path("cert.pem"), certificate.path("key.pem"), false, true};
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
  options.tls = {certificate.path("cert.pem"), certificate.path("key.pem"), false, true};
  Harness harness(options);
  std::filesystem::remove(certificate.path("key.pem"));
  EXPECT_EQ(harness.server->reload_tls().error().code, ErrorCode::config_error);
  Client client(trusting(certificate));
  EXPECT_TRUE(client.request("GET", url(harness, "/ok", "https"), {}, "", kPatience));
}

}  // namespace
}  // namespace penstock::http::test
