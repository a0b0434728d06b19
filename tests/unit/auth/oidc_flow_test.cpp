// Log-ins, keys and descriptions of a provider that is honest, slow, away, or lies.
#include "auth/oidc_flow.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "auth/oidc_http_fetch.hpp"
#include "auth/oidc_roles.hpp"
#include "http/client_url.hpp"
#include "http/target.hpp"
#include "oidc_signer.hpp"
#include "support/fake_clock.hpp"

namespace penstock::auth::test {
namespace {

using penstock::test::FakeClock;
using std::chrono::seconds;

const std::string kHome = "https://login.example";
const std::string kKeysAt = kHome + "/keys";

json good_description() {
  return {{"issuer", kHome},
          {"authorization_endpoint", kHome + "/authorize"},
          {"token_endpoint", kHome + "/token"},
          {"jwks_uri", kKeysAt},
          {"end_session_endpoint", kHome + "/end"},
          {"response_types_supported", {"code", "id_token"}},
          {"code_challenge_methods_supported", {"plain", "S256"}},
          {"id_token_signing_alg_values_supported", {"RS256"}}};
}

OidcProvider provider(const json& description = good_description()) {
  auto parsed = parse_discovery(description.dump(), kHome);
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message);
  return parsed ? *parsed : OidcProvider();
}

OidcClient client() { return {"main", "penstock", "s3cr:et", "https://logs.example/auth/callback", "openid profile"}; }

// A provider that answers what the test put there. May be asked by several threads.
class FakeProvider final : public OidcFetch {
 public:
  Result<OidcAnswer> get(const std::string& url) override {
    const std::lock_guard lock(mutex);
    ++asked;
    if (away) return Error{ErrorCode::io_error, "away", ""};
    return pages.contains(url) ? pages.at(url) : OidcAnswer{404, ""};
  }
  Result<OidcAnswer> get_as(const std::string& url, const std::string& access_token) override {
    bearer = access_token;
    return get(url);
  }
  Result<OidcAnswer> post_form(const std::string& url, const std::string& body, const std::string& basic) override {
    form = body, authorization = basic;
    if (away) return Error{ErrorCode::io_error, "away", ""};
    return pages.at(url);
  }

  std::mutex mutex;
  std::map<std::string, OidcAnswer> pages;
  bool away = false;
  int asked = 0;
  std::string form, authorization, bearer;
};

std::string parameter(const std::string& url, std::string_view name) {
  const std::size_t begin = url.find('?');
  const auto query = http::parse_query(begin == std::string::npos ? url : url.substr(begin + 1));
  if (!query) return "malformed";
  for (const auto& [key, value] : *query) {
    if (key == name) return value;
  }
  return "";
}

TEST(OidcDiscovery, TakesOnlyWhatCanBeReliedOn) {
  EXPECT_EQ(*discovery_url("https://login.example/realms/a"), "https://login.example/realms/a/.well-known/openid-configuration");
  EXPECT_EQ(*discovery_url("https://login.example/"), "https://login.example/.well-known/openid-configuration");
  EXPECT_TRUE(discovery_url("http://127.0.0.1:9000"));
  for (const char* issuer : {"", "login.example", "http://login.example", "https://login.example?x", "https://login.example#x", "https://a@login.example", "file:///x"}) {
    EXPECT_FALSE(discovery_url(issuer)) << issuer;
  }
  EXPECT_EQ(provider().secret_by, OidcProvider::SecretBy::basic);
  const std::pair<const char*, json> wrong[] = {
      {"issuer", "https://login.example/"}, {"issuer", "https://evil.example"}, {"issuer", nullptr}, {"jwks_uri", "http://login.example/keys"}, {"jwks_uri", nullptr},
      {"token_endpoint", "http://login.example/token"}, {"token_endpoint", "javascript:alert(1)"}, {"authorization_endpoint", ""}, {"authorization_endpoint", "//login.example/a"},
      {"authorization_endpoint", "https://login.example/a#b"}, {"end_session_endpoint", "javascript:alert(1)"}, {"response_types_supported", {"id_token"}},
      {"code_challenge_methods_supported", {"plain"}}, {"id_token_signing_alg_values_supported", {"none", "HS256", "RS512"}}};
  for (const auto& [name, value] : wrong) {
    json description = good_description();
    description[name] = value;
    const auto parsed = parse_discovery(description.dump(), kHome);
    EXPECT_FALSE(parsed) << name << " = " << value;
  }
  for (const char* text : {"", "[]", "<html>", "{}"}) EXPECT_FALSE(parse_discovery(text, kHome)) << text;
  json description = good_description();
  description["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
  EXPECT_EQ(provider(description).secret_by, OidcProvider::SecretBy::form);
}

TEST(OidcLogins, AskWithStateNonceAndAProofThatStaysHere) {
  FakeClock clock;
  OidcLogins logins(clock);
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    const auto begun = logins.begin(client(), provider(), "/#/logs");
    ASSERT_TRUE(begun);
    EXPECT_TRUE(begun->url.starts_with(kHome + "/authorize?"));
    EXPECT_EQ(parameter(begun->url, "response_type"), "code");
    EXPECT_EQ(parameter(begun->url, "client_id"), "penstock");
    EXPECT_EQ(parameter(begun->url, "redirect_uri"), client().redirect_uri);
    EXPECT_EQ(parameter(begun->url, "code_challenge_method"), "S256");
    for (const char* name : {"state", "nonce", "code_challenge"}) {
      const std::string value = parameter(begun->url, name);
      EXPECT_EQ(value.size(), 43U) << name;
      EXPECT_TRUE(seen.insert(value).second) << name;
    }
    EXPECT_TRUE(seen.insert(begun->binding).second);
    const auto login = logins.take(client(), provider(), {parameter(begun->url, "state"), "c", "", "", "", begun->binding});
    ASSERT_TRUE(login);
    EXPECT_EQ(pkce_challenge(login->verifier), parameter(begun->url, "code_challenge"));
    EXPECT_EQ(begun->url.find(login->verifier), std::string::npos);
    EXPECT_EQ(login->return_to, "/#/logs");
  }
  // The example of RFC 7636, appendix B.
  EXPECT_EQ(pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  json description = good_description();
  description["authorization_endpoint"] = kHome + "/authorize?tenant=a";
  EXPECT_EQ(parameter(logins.begin(client(), provider(description), "/")->url, "tenant"), "a");
}

TEST(OidcLogins, AnAnswerCountsOnceAndInTheBrowserThatBegan) {
  FakeClock clock;
  OidcLogins logins(clock);
  const auto begin = [&] { return *logins.begin(client(), provider(), "/"); };
  const auto returned = [](const OidcLogins::Begun& begun) { return OidcLogins::Returned{parameter(begun.url, "state"), "code-1", "", "", "", begun.binding}; };
  const auto refused = [&](const OidcLogins::Returned& what, const OidcClient& by = client(), const OidcProvider& of = provider()) {
    const auto login = logins.take(by, of, what);
    return login ? std::string() : login.error().message;
  };
  const auto first = begin(), second = begin();
  auto stolen = returned(first);
  stolen.binding = second.binding;
  EXPECT_NE(refused(stolen), "") << "of another browser";
  stolen.binding = "";
  EXPECT_NE(refused(stolen), "");
  EXPECT_EQ(refused(returned(first)), "") << "which is no reason to refuse its owner";
  EXPECT_NE(refused(returned(first)), "") << "replay";
  auto unknown = returned(second);
  unknown.state = std::string(43, 'A');
  EXPECT_NE(refused(unknown), "");
  unknown.state = "";
  EXPECT_NE(refused(unknown), "");
  clock.advance(std::chrono::minutes(10));
  EXPECT_NE(refused(returned(second)), "") << "too late";
  // Mix-up: begun with one provider, answered by another.
  OidcClient other = client();
  other.provider_id = "other";
  EXPECT_NE(refused(returned(begin()), other), "");
  auto named = returned(begin());
  named.issuer = "https://evil.example";
  EXPECT_NE(refused(named), "");
  auto right = returned(begin());
  right.issuer = kHome;
  EXPECT_EQ(refused(right), "");
  json description = good_description();
  description["authorization_response_iss_parameter_supported"] = true;
  EXPECT_NE(refused(returned(begin()), client(), provider(description)), "");
  auto denied = returned(begin());
  denied.error = "access_denied", denied.error_description = "not\r\ntoday";
  EXPECT_NE(refused(denied).find("access_denied: not  today"), std::string::npos);
  auto empty = returned(begin());
  empty.code = "";
  EXPECT_NE(refused(empty), "");
}

TEST(OidcLogins, AreBoundedInNumber) {
  FakeClock clock;
  OidcLogins logins(clock, 3);
  const auto first = *logins.begin(client(), provider(), "/");
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(logins.begin(client(), provider(), "/"));
  EXPECT_EQ(logins.size(), 3U);
  EXPECT_FALSE(logins.take(client(), provider(), {parameter(first.url, "state"), "c", "", "", "", first.binding}));
}

TEST(OidcLogins, NobodyIsSentToAnotherHost) {
  for (const char* path : {"/", "/#/logs?q=a", "/logs?x=https://a.example", "/a/../b"}) EXPECT_EQ(safe_return_path(path), path);
  for (const char* path : {"", "logs", "https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", " /a",
                           "///evil.example", "/a\r\nSet-Cookie: x=1", "/a b"}) {
    EXPECT_EQ(safe_return_path(path), "/") << path;
  }
  EXPECT_EQ(safe_return_path("/" + std::string(3000, 'a')), "/");
}

struct Login : testing::Test {
  Login() { rotate(signer); }
  void rotate(const Signer& to) { fake.pages[kKeysAt] = {200, to.jwks()}; }
  json payload(const std::string& nonce = "n") {
    const std::int64_t now = clock.now().ns / kSecond;
    return {{"iss", kHome}, {"sub", "u-1"}, {"aud", "penstock"}, {"exp", now + 300}, {"iat", now}, {"nonce", nonce}};
  }
  OidcExpectation expected() { return {OidcExpectation::Kind::id_token, kHome, "penstock", "n"}; }

  FakeClock clock;
  FakeProvider fake;
  Signer signer{Signer::Kind::p256, "k1"};
  Signer next{Signer::Kind::p256, "k2"};
  OidcKeyCache keys{kKeysAt, fake, clock};
};

TEST_F(Login, TheCodeIsExchangedAndTheTokenVerified) {
  fake.pages[kHome + "/token"] = {200, json{{"id_token", signer.token(payload())}, {"access_token", "x"}}.dump()};
  const OidcLogins::Login login{"n", "verifier", "/", "code&1"};
  const auto identity = finish_login(client(), provider(), login, fake, keys);
  ASSERT_TRUE(identity) << identity.error().message;
  EXPECT_EQ(identity->claims.subject, "u-1");
  EXPECT_EQ(parameter(fake.form, "grant_type"), "authorization_code");
  EXPECT_EQ(parameter(fake.form, "code"), "code&1");
  EXPECT_EQ(parameter(fake.form, "code_verifier"), "verifier");
  EXPECT_EQ(parameter(fake.form, "redirect_uri"), client().redirect_uri);
  EXPECT_EQ(parameter(fake.form, "client_secret"), "");
  EXPECT_EQ(fake.authorization, "Basic cGVuc3RvY2s6czNjciUzQWV0");  // penstock:s3cr%3Aet
  json description = good_description();
  description["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
  ASSERT_TRUE(finish_login(client(), provider(description), login, fake, keys));
  EXPECT_EQ(parameter(fake.form, "client_secret"), "s3cr:et");
  EXPECT_EQ(fake.authorization, "");
  OidcClient open = client();
  open.client_secret = "";
  ASSERT_TRUE(finish_login(open, provider(), login, fake, keys));
  EXPECT_EQ(parameter(fake.form, "client_id"), "penstock");
  EXPECT_EQ(fake.authorization, "");
  EXPECT_FALSE(finish_login(client(), provider(), {"another nonce", "verifier", "/", "c"}, fake, keys)) << "the token of another log-in";
}

TEST_F(Login, AProviderThatFailsIsToldApartFromOneThatRefuses) {
  const OidcLogins::Login login{"n", "v", "/", "c"};
  const auto code = [&](int status, const std::string& body) {
    fake.pages[kHome + "/token"] = {status, body};
    const auto identity = finish_login(client(), provider(), login, fake, keys);
    return identity ? ErrorCode::internal : identity.error().code;
  };
  EXPECT_EQ(code(400, R"({"error":"invalid_grant","error_description":"used"})"), ErrorCode::unauthorized);
  EXPECT_EQ(code(500, "<html>"), ErrorCode::unavailable);
  EXPECT_EQ(code(302, ""), ErrorCode::unavailable);
  EXPECT_EQ(code(200, "{}"), ErrorCode::unavailable);
  EXPECT_EQ(code(200, "not json"), ErrorCode::unavailable);
  EXPECT_EQ(code(200, R"({"id_token":"a.b.c"})"), ErrorCode::unauthorized);
  fake.away = true;
  EXPECT_EQ(code(200, "{}"), ErrorCode::unavailable);
}

TEST_F(Login, NewKeysAreTakenUpInMidRun) {
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  EXPECT_EQ(fake.asked, 1);
  rotate(next);
  clock.advance(seconds(31));
  EXPECT_TRUE(keys.verify(next.token(payload()), expected()));
  EXPECT_EQ(fake.asked, 2);
  EXPECT_FALSE(keys.verify(signer.token(payload()), expected())) << "the old key is gone";
}

TEST_F(Login, StrangersCannotMakeUsAskMoreThanTwiceAMinute) {
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  const Signer stranger(Signer::Kind::p256, "unknown");
  for (int i = 0; i < 300; ++i) {
    EXPECT_FALSE(keys.verify(stranger.token(payload()), expected()));
    clock.advance(seconds(1));
  }
  EXPECT_LE(fake.asked, 1 + 300 / 30);
  EXPECT_GE(fake.asked, 300 / 31);
  for (const char* text : {"", "x", "a.b.c"}) EXPECT_FALSE(keys.verify(text, expected()));
}

TEST_F(Login, AWithdrawnKeyIsForgottenWithinAnHour) {
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  rotate(next);
  clock.advance(seconds(3599));
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  clock.advance(seconds(1));
  EXPECT_FALSE(keys.verify(signer.token(payload()), expected()));
}

TEST_F(Login, KeysOutliveAnOutageOfTheProviderForADay) {
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  fake.away = true;
  clock.advance(std::chrono::hours(23));
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  clock.advance(std::chrono::hours(1));
  const auto late = keys.verify(signer.token(payload()), expected());
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::unavailable);
  fake.away = false;
  clock.advance(seconds(30));
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
}

TEST_F(Login, NonsenseInPlaceOfKeysLeavesTheOldOnes) {
  EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  for (const OidcAnswer& answer : {OidcAnswer{200, "<html>"}, OidcAnswer{500, signer.jwks()}, OidcAnswer{302, ""}, OidcAnswer{200, "{\"keys\":7}"}}) {
    fake.pages[kKeysAt] = answer;
    clock.advance(seconds(31));
    EXPECT_FALSE(keys.verify(next.token(payload()), expected()));
    EXPECT_TRUE(keys.verify(signer.token(payload()), expected()));
  }
}

// A provider that takes its time: every look-up waits until the test lets it go.
class SlowProvider final : public OidcFetch {
 public:
  explicit SlowProvider(std::string keys) : keys_(std::move(keys)) {}
  Result<OidcAnswer> get(const std::string&) override {
    ++asked;
    while (!released.load()) std::this_thread::yield();
    return OidcAnswer{200, keys_};
  }
  Result<OidcAnswer> get_as(const std::string& url, const std::string&) override { return get(url); }
  Result<OidcAnswer> post_form(const std::string&, const std::string&, const std::string&) override { return Error{}; }

  std::atomic<int> asked{0};
  std::atomic<bool> released{false};

 private:
  std::string keys_;
};

TEST_F(Login, ManyWhoNeedTheKeysAreOneQuestion) {
  SlowProvider slow(signer.jwks());
  OidcKeyCache cache(kKeysAt, slow, clock);
  const std::string token = signer.token(payload());
  std::atomic<int> taken{0};
  std::vector<std::thread> many;
  for (int i = 0; i < 8; ++i) {
    many.emplace_back([&] { taken += cache.verify(token, expected()) ? 1 : 0; });
  }
  while (slow.asked.load() == 0) std::this_thread::yield();
  slow.released = true;
  for (std::thread& one : many) one.join();
  EXPECT_EQ(slow.asked.load(), 1);
  EXPECT_EQ(taken.load(), 8);
}

TEST(OidcHttpFetch, AsksNoInnerAddress) {
  const auto fetch = make_oidc_http_fetch({});
  ASSERT_TRUE(fetch);
  for (const char* url : {"http://127.0.0.1:1/keys", "https://[::1]:1/keys", "http://169.254.169.254/latest/meta-data", "http://0x7f.1/"}) {
    EXPECT_EQ((*fetch)->get(url).error().code, ErrorCode::forbidden) << url;
    EXPECT_EQ((*fetch)->post_form(url, "", "").error().code, ErrorCode::forbidden) << url;
  }
  EXPECT_EQ(make_oidc_http_fetch({.allow_cidrs = {"10.0.0.0/x"}, .ca_file = ""}).error().code, ErrorCode::config_error);
}

TEST(OidcLogOut, GoesToTheProvider) {
  const auto url = log_out_url(client(), provider(), "t.o.k", "https://logs.example/");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->starts_with(kHome + "/end?"));
  EXPECT_EQ(parameter(*url, "id_token_hint"), "t.o.k");
  EXPECT_EQ(parameter(*url, "post_logout_redirect_uri"), "https://logs.example/");
  json description = good_description();
  description.erase("end_session_endpoint");
  EXPECT_FALSE(log_out_url(client(), provider(description), "", "https://logs.example/"));
}

std::string roles(const json& payload, const std::vector<ProviderRule>& rules, const std::string& claim = "groups") {
  OidcClaims claims;
  claims.json = payload.dump();
  std::string list;
  for (const HeldRole& held : roles_of(claims, claim, rules).roles) list += (list.empty() ? "" : ",") + held.role + (held.deployment == "*" ? "" : ":" + held.deployment);
  return list;
}

TEST(OidcRoles, ComeFromAClaimByExactValues) {
  const std::vector<ProviderRule> groups = {{"ops", {"operator", "*"}}, {"all staff", {"viewer", "*"}}, {"admins", {"administrator", "*"}}, {"root", {"administrator", "*"}}};
  EXPECT_EQ(roles({{"groups", {"ops", "all staff", "other"}}}, groups), "operator,viewer");
  EXPECT_EQ(roles({{"groups", {"admins", "root"}}}, groups), "administrator");
  EXPECT_EQ(roles({{"groups", "ops"}}, groups), "operator");
  EXPECT_EQ(roles({{"groups", "ops admins"}}, groups), "") << "one name with a blank in it";
  for (const json& odd : {json("OPS"), json("ops "), json(""), json(json::array({"Ops", 1, nullptr, json::array({"ops"})})), json(nullptr), json(7), json({{"ops", true}})}) EXPECT_EQ(roles({{"groups", odd}}, groups), "") << odd;
  EXPECT_EQ(roles(json::object(), groups), "");
  EXPECT_EQ(roles({{"realm_access", {{"roles", {"ops"}}}}}, groups, "realm_access.roles"), "operator");
  EXPECT_EQ(roles({{"realm_access.roles", {"admins"}}, {"realm_access", {{"roles", {"ops"}}}}}, groups, "realm_access.roles"), "administrator");
  EXPECT_EQ(roles({{"scope", "openid ops"}}, groups, "scope"), "operator");
  EXPECT_EQ(roles({{"groups", {"ops"}}}, {{"ops", {"viewer", "till"}}, {"ops", {"operator", "shop"}}}), "operator:shop,viewer:till");
  EXPECT_EQ(roles(json::object(), {{"", {"viewer", "*"}}}), "viewer") << "everybody whom the provider knows";
  OidcClaims overage;
  overage.json = R"({"_claim_names":{"groups":"src1"}})";
  EXPECT_TRUE(roles_of(overage, "groups", groups).too_many_groups);
  EXPECT_TRUE(roles_of(overage, "groups", groups).roles.empty());
}

}  // namespace
}  // namespace penstock::auth::test
