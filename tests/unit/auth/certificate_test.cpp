// Certificates of TLS clients in place of tokens.
#include <string>

#include "auth/head_authenticator.hpp"
#include "auth/kept_identities.hpp"
#include "base/bytes.hpp"
#include "base/crc32c.hpp"
#include "base/hex.hpp"
#include "identity_world.hpp"

namespace penstock::auth {
namespace {

using namespace std::string_literals;

class CertificateTest : public IdentityTest {
 protected:
  CertificateTest() {
    authenticator.add(cache.tokens());
    authenticator.set_sessions(&cache.sessions());
    authenticator.set_certificates(&cache.certificates());
  }
  Result<MadeToken> bind(const std::string& certificate, std::vector<Grant> grants, const Caller& caller) {
    TokenWish wish;
    wish.name = "attic";
    wish.grants = std::move(grants);
    wish.certificate = certificate;
    return service.create_token(caller, wish);
  }
  // Null: refused, or the store alone knows.
  PrincipalPtr who(const Credentials& credentials) {
    const auto identity = authenticator.authenticate(credentials);
    return identity && *identity ? **identity : PrincipalPtr();
  }
  Credentials shown(const std::string& authorization = "", const std::string& cookie = "") {
    kept_authorization = authorization;
    kept_cookie = cookie;
    return {.authorization = kept_authorization, .cookie = kept_cookie, .certificate = fingerprint, .method = "POST", .host = "logs.example"};
  }

  HeadAuthenticator authenticator;
  const std::string fingerprint = to_hex(digest_of("the bytes of a certificate"));
  std::string kept_authorization, kept_cookie;
};

TEST_F(CertificateTest, MayWhatItsGrantsSayFromItsBindingToItsRevocation) {
  EXPECT_FALSE(who(shown()));
  const auto made = bind(fingerprint, {grant("shop", kIngest)}, admin);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->secret, "") << "there is nothing to keep";
  const PrincipalPtr attic = who(shown());
  ASSERT_TRUE(attic);
  EXPECT_EQ(attic->kind, PrincipalKind::certificate);
  EXPECT_TRUE(attic->grants.may(Right::ingest_logs, {"shop"}));
  EXPECT_FALSE(attic->grants.may(Right::logs_read, {"shop"}));
  EXPECT_TRUE(authenticator.still_valid(*attic));
  EXPECT_TRUE(store.told().back().detail.find(fingerprint) != std::string::npos) << "the audit log says which";

  ASSERT_TRUE(service.change(admin, [&](const PlanScene& scene) { return plan_token_revocation(scene, made->token.id); }));
  EXPECT_FALSE(who(shown())) << "with the very next request";
  EXPECT_FALSE(authenticator.still_valid(*attic)) << "and what it reads for long ends";
}

TEST_F(CertificateTest, EndsAtItsTime) {
  TokenWish wish;
  wish.name = "attic";
  wish.grants = {grant("shop", kIngest)};
  wish.certificate = fingerprint;
  wish.ttl_ns = kHour;
  ASSERT_TRUE(service.create_token(admin, wish));
  EXPECT_TRUE(who(shown()));
  wall.advance(std::chrono::hours(1));
  EXPECT_FALSE(who(shown()));
}

TEST_F(CertificateTest, StandsBehindATokenAndASession) {
  ASSERT_TRUE(bind(fingerprint, {grant("shop", kIngest)}, admin));
  const MadeToken till = make_token({grant("till", kIngest)});
  EXPECT_EQ(who(shown("Bearer " + till.secret))->id, till.token.id);
  EXPECT_FALSE(who(shown("Bearer pst_revoked-or-mistyped"))) << "a wrong token is not made good by it";
  EXPECT_FALSE(who(shown("Bearer")));
  add_user("ann");
  EXPECT_EQ(who({.authorization = "", .cookie = "__Host-penstock=" + log_in("ann").secret, .certificate = fingerprint, .method = "GET"})->id, "ann");
  EXPECT_FALSE(who(shown("", "__Host-penstock=ended")));
  EXPECT_TRUE(who(shown("", "another=cookie")));
}

TEST_F(CertificateTest, IsNoUseToAPageOfAnotherSite) {
  ASSERT_TRUE(bind(fingerprint, {grant("shop", kIngest)}, admin));
  const auto from = [&](std::string_view method, std::string_view origin, std::string_view fetch_site) {
    Credentials credentials = shown();
    credentials.method = method;
    credentials.origin = origin;
    credentials.fetch_site = fetch_site;
    return who(credentials) != nullptr;
  };
  EXPECT_TRUE(from("POST", "", "")) << "no browser";
  EXPECT_TRUE(from("GET", "", "none")) << "typed";
  EXPECT_TRUE(from("POST", "https://logs.example", "same-origin"));
  for (const char* method : {"GET", "POST"}) {
    EXPECT_FALSE(from(method, "https://evil.example", "cross-site"));
    EXPECT_FALSE(from(method, "", "cross-site"));
    EXPECT_FALSE(from(method, "https://other.logs.example", "same-site"));
    EXPECT_FALSE(from(method, "https://evil.example", ""));
    EXPECT_FALSE(from(method, "null", ""));
  }
}

// Its digest stands where those of tokens do: whoever has the bytes that it is the digest of (they cross the network in every handshake of TLS 1.2)
// must not be able to send them as a token.
TEST_F(CertificateTest, ItsBytesAreNoTokenAndATokensDigestIsNoCertificate) {
  ASSERT_TRUE(bind(fingerprint, {grant("shop", kIngest)}, admin));
  EXPECT_FALSE(who({.authorization = "Bearer the-bytes", .certificate = ""}));
  EXPECT_FALSE(token("the bytes of a certificate"));
  const MadeToken made = make_token({grant("till", kIngest)});
  const std::string digest = to_hex(digest_of(made.secret));
  EXPECT_FALSE(who({.authorization = "", .certificate = digest}));
}

TEST_F(CertificateTest, IsBoundByAnAdministratorAloneAndToOneThingAtATime) {
  add_user("ann");
  const auto own = bind(fingerprint, {grant("shop", kIngest)}, {"user:ann", "", "ann", false});
  ASSERT_FALSE(own);
  EXPECT_EQ(own.error().code, ErrorCode::forbidden);
  const auto first = bind(fingerprint, {grant("shop", kIngest)}, admin);
  ASSERT_TRUE(first);
  const auto second = bind(fingerprint, {grant("till", kIngest)}, admin);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_EQ(second.error().field, "certificate");
  ASSERT_TRUE(service.change(admin, [&](const PlanScene& scene) { return plan_token_revocation(scene, first->token.id); }));
  ASSERT_TRUE(bind(fingerprint, {grant("till", kIngest)}, admin)) << "after that it may stand for something else";
  EXPECT_TRUE(who(shown())->grants.may(Right::ingest_logs, {"till"}));
  EXPECT_FALSE(who(shown())->grants.may(Right::ingest_logs, {"shop"}));
  EXPECT_EQ(bind("12:34", {grant("shop", kIngest)}, admin).error().field, "certificate");
}

TEST_F(CertificateTest, IsKnownWhileTheStoreIsAwayAndAnUnknownOneIsNotRefusedForGood) {
  ASSERT_TRUE(bind(fingerprint, {grant("shop", kIngest)}, admin));
  store.away = true;
  EXPECT_FALSE(cache.refresh());
  EXPECT_TRUE(who(shown()));
  Credentials other = shown();
  const std::string unknown = to_hex(digest_of("another"));
  other.certificate = unknown;
  EXPECT_FALSE(authenticator.authenticate(other).has_value());
  ErrorCode code{};
  authenticator.look_up(other, [&](const Identity& identity) { code = identity.error().code; });
  EXPECT_EQ(code, ErrorCode::unavailable);
}

TEST_F(CertificateTest, IsKeptForAStartWithoutTheStoreAndWhatAnEarlierVersionKeptIsRead) {
  ASSERT_TRUE(bind(fingerprint, {grant("shop", kIngest)}, admin));
  make_token({grant("till", kIngest)});
  const auto kept = kept_identities(keep_identities({cache.directory()->identities(), wall.now()}));
  ASSERT_TRUE(kept);
  EXPECT_TRUE(kept->identities.tokens.at(fingerprint.substr(0, 16)).certificate);
  // As version 1 of the file had it: nobody known but one token.
  std::string whole = "PSTKID1\n\x02\x02\x00\x00\x01\x01t\x01t\x04name\x03pst\x01"
                      "d\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00"s;
  append_fixed32(whole, crc32c(whole));
  const auto earlier = kept_identities(whole);
  ASSERT_TRUE(earlier);
  ASSERT_EQ(earlier->identities.tokens.size(), 1u);
  EXPECT_FALSE(earlier->identities.tokens.at("t").certificate);
}

}  // namespace
}  // namespace penstock::auth
