// One OpenID provider, as it describes itself: looked up when it is needed, and kept.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "auth/oidc_fetch.hpp"
#include "auth/oidc_key_cache.hpp"
#include "auth/oidc_provider.hpp"
#include "auth/refetched.hpp"

namespace penstock::auth {

// Any thread. Blocks while it fetches.
class OidcIssuer {
 public:
  struct Described {
    std::shared_ptr<const OidcProvider> provider;
    std::shared_ptr<OidcKeyCache> keys;
  };

  // The references outlive it.
  OidcIssuer(std::string issuer, OidcFetch& fetch, const Clock& clock);

  Result<Described> described(WhileFetched meanwhile = WhileFetched::wait);
  // Without asking anybody; null: it was not described yet.
  std::shared_ptr<const OidcProvider> known() const { return description_.known(); }

 private:
  OidcFetch& fetch_;
  const Clock& clock_;
  Refetched<OidcProvider> description_;
  std::mutex mutex_;
  std::string keys_at_;
  std::shared_ptr<OidcKeyCache> keys_;
};

// Those of all providers that are in use. Any thread.
class OidcIssuers {
 public:
  OidcIssuers(OidcFetch& fetch, const Clock& clock) : fetch_(fetch), clock_(clock) {}
  std::shared_ptr<OidcIssuer> of(const std::string& issuer);
  // What is said of itself now, past what is kept: for who sets a provider up. Blocks.
  Result<OidcProvider> ask_now(const std::string& issuer);
  // How many keys it has that are of use here.
  Result<std::size_t> count_keys_now(const OidcProvider& provider);

 private:
  OidcFetch& fetch_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<OidcIssuer>> issuers_;
};

}  // namespace penstock::auth
