#include "auth/oidc_key_cache.hpp"

#include "base/log.hpp"

namespace penstock::auth {
namespace {

Result<OidcKeySet> fetch_keys(OidcFetch& fetch, const std::string& jwks_uri) {
  const auto answer = fetch.get(jwks_uri);
  if (!answer) return Error{answer.error().code, answer.error().message, "jwks"};
  if (answer->status != 200) return Error{ErrorCode::unavailable, "It answered " + std::to_string(answer->status) + ".", "jwks"};
  auto keys = OidcKeySet::parse(answer->body);
  if (!keys) return keys;
  for (const std::string& why : keys->left_out()) log::warn("auth", why, {{"jwks_uri", jwks_uri}});
  return keys;
}

}  // namespace

OidcKeyCache::OidcKeyCache(std::string jwks_uri, OidcFetch& fetch, const Clock& clock, const RefetchOptions& options)
    : clock_(clock),
      keys_("The identity provider's keys cannot be fetched from " + jwks_uri, [&fetch, jwks_uri] { return fetch_keys(fetch, jwks_uri); }, clock, options) {}

Result<OidcClaims> OidcKeyCache::verify(std::string_view token, const OidcExpectation& expected, WhileFetched meanwhile) {
  // What is no token at all is no reason to ask anybody.
  if (const auto head = peek_oidc_token(token); !head) return head.error();
  const auto keys = keys_.current(meanwhile);
  if (!keys) return keys.error();
  auto claims = verify_oidc_token(token, **keys, expected, clock_.now());
  if (claims || claims.error().field != "kid") return claims;
  const auto newer = keys_.newer_than(*keys, meanwhile);
  if (!newer) return meanwhile == WhileFetched::give_up ? Result<OidcClaims>(newer.error()) : claims;
  if (*newer == *keys) return claims;
  return verify_oidc_token(token, **newer, expected, clock_.now());
}

}  // namespace penstock::auth
