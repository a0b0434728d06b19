// From a provider's answer to a user with a session: whom it makes, whom it changes, and whom it leaves out. And tokens as bearer.
#include "auth/oidc_sign_in.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <map>
#include <mutex>

#include "auth/forward_clock.hpp"
#include "auth/head_authenticator.hpp"
#include "auth/oidc_bearer.hpp"
#include "auth/oidc_options.hpp"
#include "auth/oidc_settings.hpp"
#include "http/target.hpp"
#include "metrics/registry.hpp"
#include "oidc_signer.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_identity_store.hpp"

namespace penstock::auth::test {
namespace {

const std::string kAt = "https://login.example";
const std::string kOurs = "https://logs.example";

class AnsweringProvider final : public OidcFetch {
 public:
  Result<OidcAnswer> get(const std::string& url) override {
    const std::lock_guard lock(mutex);
    ++asked[url];
    return pages.contains(url) ? pages.at(url) : OidcAnswer{404, ""};
  }
  Result<OidcAnswer> get_as(const std::string& url, const std::string&) override { return get(url); }
  Result<OidcAnswer> post_form(const std::string& url, const std::string& body, const std::string& basic) override {
    form = body, authorization = basic;
    return get(url);
  }
  std::mutex mutex;
  std::map<std::string, OidcAnswer> pages;
  std::map<std::string, int> asked;
  std::string form, authorization;
};

class SilentLog final : public AuditLog {
 public:
  void tell(AuditEntry entry) override { entries.push_back(std::move(entry)); }
  std::vector<AuditEntry> entries;
};

// Seals so that it shows whether it was asked, and for which place.
class MarkingSealer final : public Sealer {
 public:
  Result<KeyId> key_for(std::string_view scope) override {
    EXPECT_EQ(scope, "identity/");
    return KeyId{7};
  }
  Result<std::string> seal(KeyId, std::string_view associated, std::string_view plain) override {
    return "sealed" + std::string(associated) + "|" + std::string(plain.rbegin(), plain.rend());
  }
  Result<std::string> open(KeyId key, std::string_view associated, std::string_view sealed) override {
    const std::string begin = "sealed" + std::string(associated) + "|";
    if (key != 7 || !sealed.starts_with(begin)) return Error{ErrorCode::corrupt, "no", ""};
    return std::string(sealed.rbegin(), sealed.rend() - static_cast<std::ptrdiff_t>(begin.size()));
  }
};

class SignIn : public ::testing::Test {
 protected:
  SignIn() {
    fetch.pages[kAt + "/.well-known/openid-configuration"] = {200, json{{"issuer", kAt},
                                                                        {"authorization_endpoint", kAt + "/authorize"},
                                                                        {"token_endpoint", kAt + "/token"},
                                                                        {"jwks_uri", kAt + "/keys"},
                                                                        {"end_session_endpoint", kAt + "/logout"}}
                                                                       .dump()};
    fetch.pages[kAt + "/keys"] = {200, signer.jwks()};
    EXPECT_TRUE(cache.refresh());
    put({{"viewers", {"viewer", "shop"}}, {"admins", {"administrator", "*"}}});
  }
  StoredProvider provider(std::vector<ProviderRule> rules) {
    StoredProvider made{"main", "Main", kAt, "penstock", "openid", "", "groups", "api"};
    made.rules = std::move(rules);
    return made;
  }
  void put(std::vector<ProviderRule> rules, bool enabled = true) {
    StoredProvider wish = provider(std::move(rules));
    wish.enabled = enabled;
    const auto done = sign_in.put(admin, wish, "s3cret");
    ASSERT_TRUE(done) << done.error().message;
  }
  json claims(const std::string& subject, const json& groups, const std::string& name = "ann") {
    const std::int64_t now = clock.now().ns / kSecond;
    return {{"iss", kAt}, {"sub", subject}, {"aud", "penstock"}, {"exp", now + 300}, {"iat", now}, {"groups", groups}, {"preferred_username", name}};
  }
  Result<OidcSignIn::SignedIn> log_in(json payload) {
    const auto begun = sign_in.begin("main", kOurs, "/", {"", "192.0.2.1"});
    EXPECT_TRUE(begun) << begun.error().message;
    const auto query = http::parse_query(begun->url.substr(begun->url.find('?') + 1));
    const auto value = [&](std::string_view name) { return std::find_if(query->begin(), query->end(), [&](const auto& one) { return one.first == name; })->second; };
    EXPECT_EQ(value("redirect_uri"), kOurs + "/api/v1/oidc/main/callback");
    payload["nonce"] = value("nonce");
    fetch.pages[kAt + "/token"] = {200, json{{"id_token", signer.token(payload)}, {"access_token", "x"}}.dump()};
    return sign_in.finish("main", kOurs, {value("state"), "code", "", "", "", begun->binding}, "192.0.2.1");
  }
  PrincipalPtr session(const OidcSignIn::SignedIn& signed_in) { return cache.sessions().find(digest_of(signed_in.session.secret)).value_or(nullptr); }
  const Identities& stored() {
    kept = *cache.refresh();
    return kept->identities();
  }

  penstock::test::FakeClock wall;
  ForwardClock clock{wall};
  penstock::test::FakeIdentityStore store;
  IdentityCache cache{store, clock, {}};
  SilentLog told;
  IdentityService service{store, cache, told, clock};
  AnsweringProvider fetch;
  MarkingSealer sealer;
  metrics::Registry metrics;
  Signer signer{Signer::Kind::p256, "k1"};
  OidcSignIn sign_in{service, told, sealer, fetch, clock, metrics, {}, ""};
  std::shared_ptr<const Directory> kept;
  const Caller admin{"admin", "192.0.2.9", "", true};
};

TEST_F(SignIn, TheFirstLogInMakesAUserWhoIsKnownByIssuerAndSubject) {
  const auto first = log_in(claims("u-1", {"viewers"}));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(fetch.authorization, "Basic cGVuc3RvY2s6czNjcmV0") << "the secret was unsealed";
  const StoredUser& user = stored().users.at("ann");
  EXPECT_EQ(user.issuer + " " + user.subject, kAt + " u-1");
  EXPECT_TRUE(user.password.empty());
  EXPECT_EQ(user.roles, std::vector<HeldRole>(1, HeldRole{"viewer", "shop"}));
  EXPECT_EQ(session(*first)->provider, "main");
  EXPECT_TRUE(session(*first)->grants.may(Right::logs_read, {"shop"}));
  EXPECT_FALSE(session(*first)->grants.may(Right::logs_read, {"till"}));
  const auto again = log_in(claims("u-1", {"admins"}, "renamed"));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->session.user, "ann") << "the name stays, whatever the provider calls them";
  EXPECT_EQ(stored().users.size(), 1U);
  EXPECT_TRUE(session(*first)->grants.may(Right::admin, {}));
}

TEST_F(SignIn, AnotherPersonOfTheSameNameIsAnotherUser) {
  UserWish wish;
  wish.roles = std::vector<HeldRole>(1, HeldRole{"administrator", "*"});
  ASSERT_TRUE(service.change(admin, [&](const PlanScene& scene) { return plan_new_user(scene, "ann", wish); }));
  std::vector<std::string> names;
  for (const char* subject : {"u-1", "u-2", "u-3"}) {
    const auto signed_in = log_in(claims(subject, {"viewers"}, "Ann"));
    ASSERT_TRUE(signed_in);
    names.push_back(signed_in->session.user);
    EXPECT_FALSE(session(*signed_in)->grants.may(Right::admin, {}));
  }
  EXPECT_EQ(names[0], "ann+main");
  EXPECT_EQ(stored().users.size(), 4U);
  for (const char* odd : {"", "..", "\xE4\xBD\xA0", "<b>", "a b/../c"}) {
    const auto signed_in = log_in(claims("u-odd" + std::string(odd), {"viewers"}, odd));
    ASSERT_TRUE(signed_in) << odd;
    EXPECT_TRUE(user_name(signed_in->session.user)) << signed_in->session.user;
  }
}

TEST_F(SignIn, WithoutARoleNobodyGetsInAndWhatWasAllowedBeforeEnds) {
  const auto nobody = log_in(claims("u-9", json::array()));
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::forbidden);
  EXPECT_TRUE(stored().users.empty());
  ASSERT_EQ(told.entries.size(), 1U);
  EXPECT_EQ(told.entries[0].outcome, "refused");
  const auto first = log_in(claims("u-1", {"viewers"}));
  ASSERT_TRUE(first);
  ASSERT_FALSE(log_in(claims("u-1", {"others"})));
  EXPECT_FALSE(session(*first));
  EXPECT_TRUE(stored().users.at("ann").roles.empty());
  // A role that somebody removed meanwhile is none.
  ASSERT_TRUE(log_in(claims("u-1", {"viewers"})));
  UserWish off;
  off.disabled = true;
  ASSERT_TRUE(service.change(admin, [&](const PlanScene& scene) { return plan_user_change(scene, "ann", off); }));
  const auto disabled = log_in(claims("u-1", {"viewers"}));
  ASSERT_FALSE(disabled);
  EXPECT_NE(disabled.error().message.find("disabled"), std::string::npos);
  EXPECT_TRUE(stored().users.at("ann").disabled);
}

TEST_F(SignIn, ASecretStaysWithItsIssuerAndClient) {
  const std::string sealed = stored().providers.at("main").secret;
  StoredProvider wish = provider({});
  ASSERT_TRUE(sign_in.put(admin, wish, std::nullopt));
  EXPECT_EQ(stored().providers.at("main").secret, sealed);
  wish.issuer = "https://evil.example";
  const auto elsewhere = sign_in.put(admin, wish, std::nullopt);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().field, "client_secret");
  ASSERT_TRUE(sign_in.put(admin, wish, ""));
  EXPECT_TRUE(stored().providers.at("main").secret.empty());
  // Whoever writes another issuer into the database has it opened no more.
  StoredProvider moved = provider({});
  moved.issuer = "https://evil.example";
  EXPECT_FALSE(sealer.open(7, oidc_secret_place(moved), sealed));
}

TEST_F(SignIn, AProviderThatIsOffOrGoneEndsItsSessions) {
  const auto first = log_in(claims("u-1", {"viewers"}));
  ASSERT_TRUE(first);
  put({{"viewers", {"viewer", "shop"}}}, false);
  EXPECT_FALSE(session(*first));
  EXPECT_EQ(sign_in.begin("main", kOurs, "/", {}).error().code, ErrorCode::not_found);
  put({{"viewers", {"viewer", "shop"}}});
  const auto second = log_in(claims("u-1", {"viewers"}));
  ASSERT_TRUE(second);
  const auto removed = service.change(admin, [](const PlanScene& scene) { return plan_role_removal(scene, "viewer"); });
  EXPECT_FALSE(removed);
  ASSERT_TRUE(sign_in.remove(admin, "main"));
  EXPECT_FALSE(session(*second));
  EXPECT_EQ(stored().users.size(), 1U) << "its users stay";
}

TEST_F(SignIn, TheAddressMustBeKnown) {
  EXPECT_EQ(sign_in.begin("main", "", "/", {}).error().code, ErrorCode::config_error);
  for (const char* base : {"https://logs.example.com", "https://logs.example.com:8443", "http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"}) EXPECT_TRUE(oidc_base(base)) << base;
  for (const char* base : {"", "http://logs.example.com", "https://logs.example.com/a", "https://logs.example.com?x", "https://", "https://a@b", "ftp://x", "https://a b"}) EXPECT_FALSE(oidc_base(base)) << base;
}

TEST(OidcOptions, AreCheckedByName) {
  OidcOptions options;
  EXPECT_TRUE(check_oidc_options(options)) << "none is fine";
  options.provider.issuer = "https://login.example";
  options.provider.client_id = "penstock";
  options.client_secret = "s";
  EXPECT_EQ(*check_oidc_options(options), "s");
  options.client_secret_file = "/nowhere";
  EXPECT_EQ(check_oidc_options(options).error().field, "oidc.client_secret_file");
  options.client_secret.clear();
  EXPECT_EQ(check_oidc_options(options).error().field, "oidc.client_secret_file");
  const std::string file = ::testing::TempDir() + "oidc-secret-" + std::to_string(getpid());
  std::ofstream(file) << "from a file\n";
  options.client_secret_file = file;
  EXPECT_EQ(*check_oidc_options(options), "from a file");
  unlink(file.c_str());
  options.client_secret_file.clear();
  options.public_url = "logs.example.com";
  EXPECT_EQ(check_oidc_options(options).error().field, "oidc.public_url");
  options.public_url = "https://logs.example.com/";
  options.provider.scope = "profile";
  EXPECT_EQ(check_oidc_options(options).error().field, "oidc.scope");
}

TEST(OidcRules, AreWrittenAsTheyAreRead) {
  const auto rules = parse_provider_rules(" sre = administrator, dev=viewer:shop,*=viewer:till , cn=a=viewer");
  ASSERT_TRUE(rules);
  EXPECT_EQ(format_provider_rules(*rules), "*=viewer:till,cn=a=viewer,dev=viewer:shop,sre=administrator");
  EXPECT_TRUE(parse_provider_rules("")->empty());
  for (const char* wrong : {"sre", "=viewer", "sre=", "sre=viewer:", "sre=viewer:a b"}) EXPECT_FALSE(parse_provider_rules(wrong)) << wrong;
}

class Bearer : public SignIn {
 protected:
  Bearer() { tokens.set_bearers(&bearer); }
  ~Bearer() override { pool.stop(); }
  std::string token(const json& groups, json more = json::object()) {
    json payload = claims("svc", groups);
    payload["aud"] = "api";
    payload.update(more);
    return signer.token(payload, {{"alg", signer.algorithm()}, {"kid", "k1"}, {"typ", "at+jwt"}});
  }
  Identity ask(const std::string& secret) {
    const std::string header = "Bearer " + secret;
    const Credentials credentials{header};
    if (auto known = tokens.authenticate(credentials)) return *known;
    std::mutex mutex;
    std::condition_variable told_it;
    std::optional<Identity> answer;
    tokens.look_up(credentials, [&](Identity identity) {
      const std::lock_guard lock(mutex);
      answer = std::move(identity);
      told_it.notify_one();
    });
    std::unique_lock lock(mutex);
    told_it.wait(lock, [&] { return answer.has_value(); });
    return *answer;
  }

  WorkerPool pool{"bearer", 1, 8};
  OidcBearer bearer{sign_in, pool, clock};
  HeadAuthenticator tokens;
};

TEST_F(Bearer, ATokenOfAProviderHasTheRolesOfItsGroupsUntilItEnds) {
  const std::string secret = token({"viewers"});
  const auto who = ask(secret);
  ASSERT_TRUE(who) << who.error().message;
  EXPECT_EQ((*who)->name, "provider:main:svc");
  EXPECT_TRUE((*who)->grants.may(Right::logs_read, {"shop"}));
  EXPECT_FALSE((*who)->grants.may(Right::logs_read, {"till"}));
  EXPECT_TRUE(tokens.still_valid(**who));
  const std::string header = "Bearer " + secret;
  EXPECT_TRUE(tokens.authenticate({header}).has_value()) << "known now, without a look-up";
  // What is changed about rules and users counts at once.
  put({{"viewers", {"viewer", "till"}}});
  EXPECT_FALSE(tokens.still_valid(**who));
  EXPECT_TRUE((*ask(secret))->grants.may(Right::logs_read, {"till"}));
  wall.advance(std::chrono::seconds(361));
  EXPECT_EQ(ask(secret).error().code, ErrorCode::unauthorized);
}

TEST_F(Bearer, WhatIsForOthersOrWithoutARoleOpensNothing) {
  EXPECT_EQ(ask(token({"viewers"}, {{"aud", "penstock"}})).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(ask(token({"viewers"}, {{"iss", "https://evil.example"}})).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(ask(token({"viewers"}, {{"nonce", "n"}})).error().code, ErrorCode::unauthorized);
  EXPECT_EQ(ask(token({"others"})).error().code, ErrorCode::forbidden);
  EXPECT_EQ(ask("eyJ.e30.x").error().code, ErrorCode::unauthorized);
  StoredProvider same = provider({{"viewers", {"viewer", "*"}}});
  same.audience = same.client_id;
  ASSERT_TRUE(sign_in.put(admin, same, std::nullopt));
  EXPECT_EQ(ask(token({"viewers"}, {{"aud", "penstock"}})).error().code, ErrorCode::unauthorized) << "it may be an ID token";
  EXPECT_TRUE(ask(token({"viewers"}, {{"aud", "penstock"}, {"scope", "openid"}})));
  same.audience.clear();
  ASSERT_TRUE(sign_in.put(admin, same, std::nullopt));
  EXPECT_FALSE(ask(token({"viewers"}, {{"scope", "openid"}}))) << "none are taken";
}

TEST_F(Bearer, ATokenOfOurOwnNeverGoesToAProvider) {
  tokens.add("eyJ.looks.alike", Principal{.kind = PrincipalKind::configured, .name = "agent"});
  fetch.asked.clear();
  const auto who = ask("eyJ.looks.alike");
  ASSERT_TRUE(who);
  EXPECT_EQ((*who)->name, "agent");
  EXPECT_TRUE(fetch.asked.empty());
}

}  // namespace
}  // namespace penstock::auth::test
