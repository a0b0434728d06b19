// Whether a token of an identity provider is genuine, for us, and good now (RFC 7515, 7519, 8725, OpenID Connect Core 3.1.3.7). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/oidc_key.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock::auth {

// The keys of a provider at one time. A value that is cheap to copy; may be used by many threads.
class OidcKeySet {
 public:
  // From a JWKS document. Keys that cannot be used are left out, and why is told in left_out(). invalid_value when it is no such document.
  static Result<OidcKeySet> parse(std::string_view json);

  // The one key that a token of this kid and algorithm can be checked with. Without a kid: the only key of that algorithm. nullptr: none,
  // or it cannot be told which.
  const OidcKey* find(std::optional<std::string_view> kid, std::string_view algorithm) const;
  std::size_t size() const { return keys_.size(); }
  const std::vector<std::string>& left_out() const { return left_out_; }

 private:
  std::vector<OidcKey> keys_;
  std::vector<std::string> left_out_;
};

struct OidcExpectation {
  enum class Kind {
    id_token,      // of a log-in: `audience` is our client_id, and `nonce` that of the log-in
    access_token,  // brought as bearer: `audience` is what the provider calls our API
    logout_token,  // of a back-channel log-out: `audience` is our client_id
  };
  Kind kind = Kind::id_token;
  std::string issuer;    // exactly
  std::string audience;  // one of the token's; not empty
  std::string nonce;
};

// Who the token is about. All of it was signed, but for what take_userinfo() adds.
struct OidcClaims {
  std::string issuer, subject;  // together they name a person for ever; nothing else does
  std::string email;            // empty unless the provider says that it verified it
  std::string name;             // to call the user by: preferred_username, else name, else email, else subject
  std::string full_name;        // "name", or empty
  std::string session_id;       // "sid", or empty
  std::int64_t expires_at = 0;  // seconds since 1970, without any tolerance
  std::string json;             // the whole payload
};

// Adds what a userinfo endpoint said (as bearer of the access token that came with the ID token) and the token does not. False, and nothing is
// added: it is no JSON object, or about somebody else.
bool take_userinfo(OidcClaims& claims, std::string_view json);

// What stands in a token's header, before anything is checked.
struct OidcTokenHead {
  std::string algorithm;
  std::optional<std::string> kid;
};

// What it says its issuer is; nullopt: nothing, or it is no token. Not checked at all: for choosing who may have made it.
std::optional<std::string> peek_oidc_issuer(std::string_view token);
// By how much the clocks of a provider and of this machine may differ; seconds.
inline constexpr std::int64_t kOidcTolerance = 60;

// unauthorized when it is no token of three parts, or asks for something that is not known here ("crit", encryption).
Result<OidcTokenHead> peek_oidc_token(std::string_view token);

// Errors are `unauthorized`, and tell an operator which rule was broken. The field "kid" means: no key of the set fits, so a fresh set may.
Result<OidcClaims> verify_oidc_token(std::string_view token, const OidcKeySet& keys, const OidcExpectation& expected, Timestamp now);

}  // namespace penstock::auth
