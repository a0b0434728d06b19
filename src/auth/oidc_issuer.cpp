#include "auth/oidc_issuer.hpp"

#include <utility>

namespace penstock::auth {
namespace {

// Issuers that once were in use; an administrator could go through many.
constexpr std::size_t kMostIssuers = 64;

Result<OidcProvider> fetch_description(OidcFetch& fetch, const std::string& issuer) {
  const auto url = discovery_url(issuer);
  if (!url) return url.error();
  const auto answer = fetch.get(*url);
  if (!answer) return Error{answer.error().code, answer.error().message, "issuer"};
  if (answer->status >= 300 && answer->status < 400) {
    return Error{ErrorCode::unavailable, "It sends elsewhere (" + std::to_string(answer->status) + "), where nobody goes: give the issuer as the provider spells it.", "issuer"};
  }
  if (answer->status != 200) return Error{ErrorCode::unavailable, "It answered " + std::to_string(answer->status) + ".", "issuer"};
  return parse_discovery(answer->body, issuer);
}

}  // namespace

OidcIssuer::OidcIssuer(std::string issuer, OidcFetch& fetch, const Clock& clock)
    : fetch_(fetch),
      clock_(clock),
      description_("The identity provider " + issuer + " cannot be used now", [&fetch, issuer] { return fetch_description(fetch, issuer); }, clock, {}) {}

Result<OidcIssuer::Described> OidcIssuer::described(WhileFetched meanwhile) {
  auto provider = description_.current(meanwhile);
  if (!provider) return provider.error();
  const std::lock_guard lock(mutex_);
  if (!keys_ || keys_at_ != (*provider)->jwks_uri) {
    keys_at_ = (*provider)->jwks_uri;
    keys_ = std::make_shared<OidcKeyCache>(keys_at_, fetch_, clock_);
  }
  return Described{std::move(*provider), keys_};
}

std::shared_ptr<OidcIssuer> OidcIssuers::of(const std::string& issuer) {
  const std::lock_guard lock(mutex_);
  auto found = issuers_.find(issuer);
  if (found == issuers_.end()) {
    if (issuers_.size() >= kMostIssuers) issuers_.clear();
    found = issuers_.emplace(issuer, std::make_shared<OidcIssuer>(issuer, fetch_, clock_)).first;
  }
  return found->second;
}

Result<OidcProvider> OidcIssuers::ask_now(const std::string& issuer) { return fetch_description(fetch_, issuer); }

Result<std::size_t> OidcIssuers::count_keys_now(const OidcProvider& provider) {
  const auto answer = fetch_.get(provider.jwks_uri);
  if (!answer) return answer.error();
  if (answer->status != 200) return Error{ErrorCode::unavailable, "Its keys at " + provider.jwks_uri + " are not to be had: it answered " + std::to_string(answer->status) + ".", "issuer"};
  const auto keys = OidcKeySet::parse(answer->body);
  if (!keys) return keys.error();
  if (keys->size() == 0) {
    return Error{ErrorCode::unavailable, "It has no key that is of use here" + (keys->left_out().empty() ? std::string(".") : ": " + keys->left_out().front()), "issuer"};
  }
  return keys->size();
}

}  // namespace penstock::auth
