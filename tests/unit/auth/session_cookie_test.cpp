#include "auth/session_cookie.hpp"

#include <gtest/gtest.h>

#include "auth/head_authenticator.hpp"

namespace penstock::auth {
namespace {

TEST(SessionCookie, IsFoundAmongOthers) {
  const std::pair<const char*, std::optional<std::string_view>> cases[] = {
      {"__Host-penstock=abc", "abc"},
      {"a=1; __Host-penstock=abc; b=2", "abc"},
      {"a=1;__Host-penstock=abc", "abc"},
      {"__Host-penstock=first; __Host-penstock=second", "first"},
      {"x__Host-penstock=abc", std::nullopt},
      {"__Host-penstocks=abc", std::nullopt},
      {"__host-penstock=abc", std::nullopt},
      {"__Host-penstock", std::nullopt},
      {"__Host-penstock=", std::nullopt},
      {"penstock=abc", std::nullopt},
      {";;", std::nullopt},
      {"", std::nullopt},
  };
  for (const auto& [header, expected] : cases) EXPECT_EQ(session_of(header), expected) << header;
}

TEST(SessionCookie, IsForThisHostOverTlsAndForNoScript) {
  EXPECT_EQ(session_cookie("abc", 60), "__Host-penstock=abc; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=60");
  EXPECT_EQ(session_cookie("", 60), "__Host-penstock=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
}

TEST(OwnPage, IsToldByFetchSiteElseByOrigin) {
  struct Case { const char *host, *origin, *fetch_site; bool own; };
  const Case cases[] = {
      {"logs.example.com", "", "same-origin", true},
      {"logs.example.com", "https://logs.example.com", "same-origin", true},
      {"logs.example.com", "https://logs.example.com", "cross-site", false},
      {"logs.example.com", "", "same-site", false},
      {"logs.example.com", "", "none", false},
      {"logs.example.com", "https://logs.example.com", "", true},
      {"Logs.Example.com", "https://logs.example.com", "", true},
      {"logs.example.com:443", "https://logs.example.com", "", true},
      {"logs.example.com:8443", "https://logs.example.com:8443", "", true},
      {"logs.example.com:8443", "https://logs.example.com", "", false},
      {"logs.example.com", "https://logs.example.com.evil.example", "", false},
      {"logs.example.com", "https://evil.example", "", false},
      {"logs.example.com", "null", "", false},
      {"", "https://", "", false},
      {"logs.example.com", "", "", false},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(check_own_page("POST", one.host, one.origin, one.fetch_site, true).has_value(), one.own) << one.host << ' ' << one.origin << ' ' << one.fetch_site;
    EXPECT_TRUE(check_own_page("GET", one.host, one.origin, one.fetch_site, true)) << "changes nothing";
  }
  EXPECT_TRUE(check_own_page("POST", "logs.example.com", "", "", false)) << "no browser";
  EXPECT_FALSE(check_own_page("POST", "logs.example.com", "https://evil.example", "", false));
}

class OneSession final : public TokenSource {
 public:
  std::optional<PrincipalPtr> find(const TokenDigest& digest) override {
    return digest == digest_of("abc") ? std::make_shared<const Principal>(Principal{.kind = PrincipalKind::user, .name = "user:ann"}) : nullptr;
  }
  bool still_valid(const Principal& principal) override { return principal.kind != PrincipalKind::user; }
};

TEST(HeadAuthenticator, TakesACookieOrATokenButNotBoth) {
  OneSession sessions;
  HeadAuthenticator authenticator;
  authenticator.add("pst_some-token-or-other", Principal{.kind = PrincipalKind::configured, .name = "agent"});
  authenticator.set_sessions(&sessions);
  const auto ask = [&](std::string_view authorization, std::string_view cookie, std::string_view method = "GET", std::string_view fetch_site = "") {
    Credentials credentials;
    credentials.authorization = authorization;
    credentials.cookie = cookie;
    credentials.method = method;
    credentials.fetch_site = fetch_site;
    return *authenticator.authenticate(credentials);
  };
  EXPECT_EQ((*ask("", "__Host-penstock=abc"))->name, "user:ann");
  EXPECT_EQ((*ask("Bearer pst_some-token-or-other", "theme=dark"))->name, "agent");
  EXPECT_EQ(ask("Bearer pst_some-token-or-other", "__Host-penstock=abc").error().code, ErrorCode::invalid_request);
  EXPECT_EQ(ask("", "__Host-penstock=wrong").error().code, ErrorCode::unauthorized);
  EXPECT_EQ(ask("Bearer abc", "").error().code, ErrorCode::unauthorized) << "a session is no token";
  EXPECT_EQ(ask("", "__Host-penstock=pst_some-token-or-other").error().code, ErrorCode::unauthorized) << "a token is no session";
  EXPECT_EQ(ask("", "__Host-penstock=abc", "POST").error().code, ErrorCode::forbidden);
  EXPECT_TRUE(ask("", "__Host-penstock=abc", "POST", "same-origin"));
  EXPECT_FALSE(authenticator.still_valid(Principal{.kind = PrincipalKind::user, .name = "user:ann"}));
}

}  // namespace
}  // namespace penstock::auth
