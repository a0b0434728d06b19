// The keys of one provider, fetched when they are needed, and again when it uses new ones.
#pragma once

#include <string>
#include <string_view>

#include "auth/oidc_fetch.hpp"
#include "auth/oidc_token.hpp"
#include "auth/refetched.hpp"
#include "penstock/ports/clock.hpp"

namespace penstock::auth {

// Fresh for an hour, so that a withdrawn key is forgotten. Any thread; blocks while it fetches.
class OidcKeyCache {
 public:
  // All must outlive it.
  OidcKeyCache(std::string jwks_uri, OidcFetch& fetch, const Clock& clock, const RefetchOptions& options = {});

  // As verify_oidc_token(), with fresh keys when the token's is not among those known. `unavailable` when there are no keys to be had.
  Result<OidcClaims> verify(std::string_view token, const OidcExpectation& expected, WhileFetched meanwhile = WhileFetched::wait);

 private:
  const Clock& clock_;
  Refetched<OidcKeySet> keys_;
};

}  // namespace penstock::auth
