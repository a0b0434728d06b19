#include "auth/oidc_key_cache.hpp"

#include "base/log.hpp"

namespace penstock::auth {

OidcKeyCache::OidcKeyCache(std::string jwks_uri, OidcFetch& fetch, const Clock& clock, OidcKeyCacheOptions options)
    : jwks_uri_(std::move(jwks_uri)), fetch_(fetch), clock_(clock), options_(options) {}

Result<OidcKeySet> OidcKeyCache::fetch_keys() {
  const auto answer = fetch_.get(jwks_uri_);
  if (!answer) return answer.error();
  if (answer->status != 200) return Error{ErrorCode::unavailable, "It answered " + std::to_string(answer->status) + ".", "jwks"};
  return OidcKeySet::parse(answer->body);
}

// The lock is held on entry and on return, not meanwhile.
Result<OidcKeyCache::Keys> OidcKeyCache::renew(std::unique_lock<std::mutex>& lock) {
  fetching_ = true;
  asked_ = clock_.steady_now();
  const Moment began = *asked_;
  lock.unlock();
  Result<OidcKeySet> fetched = Error{};
  try {
    fetched = fetch_keys();
  } catch (const std::exception& failure) {
    fetched = Error{ErrorCode::internal, failure.what(), ""};
  }
  lock.lock();
  fetching_ = false;
  if (fetched) {
    for (const std::string& why : fetched->left_out()) log::warn("auth", why, {{"jwks_uri", jwks_uri_}});
    keys_ = std::make_shared<const OidcKeySet>(std::move(*fetched));
    keys_of_ = began;
  } else {
    last_failure_ = {ErrorCode::unavailable, "The identity provider's keys cannot be fetched from " + jwks_uri_ + ": " + fetched.error().message, "jwks"};
    log::warn("auth", last_failure_.message);
  }
  fetched_.notify_all();
  if (!keys_ || clock_.steady_now() - keys_of_ >= options_.usable) return last_failure_;
  return keys_;
}

Result<OidcKeyCache::Keys> OidcKeyCache::current() {
  std::unique_lock lock(mutex_);
  if (keys_ && clock_.steady_now() - keys_of_ < options_.fresh) return keys_;
  // While somebody fetches, keys that are only not fresh still serve the others.
  if (fetching_ && keys_ && clock_.steady_now() - keys_of_ < options_.usable) return keys_;
  fetched_.wait(lock, [this] { return !fetching_; });
  const Moment now = clock_.steady_now();
  if (keys_ && now - keys_of_ < options_.fresh) return keys_;
  if (may_fetch(now)) return renew(lock);
  if (!keys_ || now - keys_of_ >= options_.usable) return last_failure_;
  return keys_;
}

Result<OidcKeyCache::Keys> OidcKeyCache::newer_than(const Keys& known) {
  std::unique_lock lock(mutex_);
  fetched_.wait(lock, [this] { return !fetching_; });
  if (keys_ != known || !may_fetch(clock_.steady_now())) return keys_;
  return renew(lock);
}

Result<OidcClaims> OidcKeyCache::verify(std::string_view token, const OidcExpectation& expected) {
  // What is no token at all is no reason to ask anybody.
  if (const auto head = peek_oidc_token(token); !head) return head.error();
  const auto keys = current();
  if (!keys) return keys.error();
  auto claims = verify_oidc_token(token, **keys, expected, clock_.now());
  if (claims || claims.error().field != "kid") return claims;
  const auto newer = newer_than(*keys);
  if (!newer || *newer == *keys) return claims;
  return verify_oidc_token(token, **newer, expected, clock_.now());
}

}  // namespace penstock::auth
