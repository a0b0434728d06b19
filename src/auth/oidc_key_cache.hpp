// The keys of one provider, fetched when they are needed, and again when it uses new ones.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "auth/oidc_fetch.hpp"
#include "auth/oidc_token.hpp"
#include "penstock/ports/clock.hpp"

namespace penstock::auth {

struct OidcKeyCacheOptions {
  std::chrono::seconds least_between{30};   // fetches, whatever tokens come: strangers cannot make us ask more often
  std::chrono::seconds fresh{3600};         // older keys are fetched again, so that a withdrawn one is forgotten
  std::chrono::seconds usable{24 * 3600};   // of a provider that does not answer; older keys count no more
};

// Any thread. Blocks while it fetches: not for io threads. One fetch at a time; who else needs it waits for its outcome.
class OidcKeyCache {
 public:
  // All must outlive it.
  OidcKeyCache(std::string jwks_uri, OidcFetch& fetch, const Clock& clock, OidcKeyCacheOptions options = {});

  // As verify_oidc_token(), with fresh keys when the token's is not among those known. `unavailable` when there are no keys to be had.
  Result<OidcClaims> verify(std::string_view token, const OidcExpectation& expected);

 private:
  using Keys = std::shared_ptr<const OidcKeySet>;
  using Moment = std::chrono::steady_clock::time_point;

  // Those to begin with; fetched when there are none or they are too old.
  Result<Keys> current();
  // Others than `known` where they may be fetched now; else those there are.
  Result<Keys> newer_than(const Keys& known);
  Result<Keys> renew(std::unique_lock<std::mutex>& lock);
  Result<OidcKeySet> fetch_keys();
  bool may_fetch(Moment now) const { return !asked_ || now - *asked_ >= options_.least_between; }

  const std::string jwks_uri_;
  OidcFetch& fetch_;
  const Clock& clock_;
  const OidcKeyCacheOptions options_;
  std::mutex mutex_;
  std::condition_variable fetched_;
  Keys keys_;
  std::optional<Moment> asked_;  // when the last fetch began
  Moment keys_of_;               // when that of keys_ did
  bool fetching_ = false;
  Error last_failure_;
};

}  // namespace penstock::auth
