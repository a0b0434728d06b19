#include "auth/oidc_bearer.hpp"

#include <algorithm>
#include <utility>

#include "auth/oidc_roles.hpp"
#include "auth/stored_grants.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kMostKnownTokens = 2000;

// Where the provider calls the API by the client's own name, a token that tells who logged in could pass for one that opens the API: what tells
// them apart then is the scope.
bool opens_an_api(const StoredProvider& provider, const OidcClaims& claims) {
  return provider.audience != provider.client_id || has_claim(claims, "scope") || has_claim(claims, "scp");
}

}  // namespace

bool OidcBearer::may_be(std::string_view token) const {
  // Three parts, of which the first is a JSON object.
  return token.starts_with("eyJ") && std::count(token.begin(), token.end(), '.') == 2 && providers_.takes_tokens();
}

PrincipalPtr OidcBearer::principal_of(const Known& known, const TokenDigest& digest) const {
  const auto directory = providers_.known();
  if (directory == nullptr) return nullptr;
  const StoredUser* const user = user_of(directory->identities(), known.provider->issuer, known.subject);
  if (user != nullptr && user->disabled) return nullptr;
  StoredUser bearer;
  bearer.roles = known.roles;
  return std::make_shared<const Principal>(Principal{.kind = PrincipalKind::provider,
                                                     .name = "provider:" + known.provider->id + ":" + known.subject,
                                                     .id = known.subject,
                                                     .session = to_hex(digest),
                                                     .provider = known.provider->id,
                                                     .grants = grants_of(directory->identities(), bearer),
                                                     .expires = known.ends,
                                                     .version = static_cast<std::uint64_t>(directory->version())});
}

std::optional<PrincipalPtr> OidcBearer::find(const TokenDigest& digest) {
  const auto directory = providers_.known();
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(digest);
  if (found == known_.end()) return std::nullopt;
  Known& known = found->second;
  const bool same_version = known.principal && directory != nullptr && known.principal->version == static_cast<std::uint64_t>(directory->version());
  const auto provider = same_version ? std::nullopt : providers_.find(known.provider->id);
  if (clock_.now() >= known.ends || (!same_version && (!provider || *provider != *known.provider))) {
    known_.erase(found);
    return std::nullopt;
  }
  if (!same_version) known.principal = principal_of(known, digest);
  return known.principal;
}

bool OidcBearer::still_valid(const Principal& principal) {
  if (principal.kind != PrincipalKind::provider) return true;
  const auto digest = digest_from_hex(principal.session);
  const auto now = digest ? find(*digest) : std::nullopt;
  return now && *now && (*now)->grants.list() == principal.grants.list();
}

void OidcBearer::look_up(std::string token, std::function<void(Result<PrincipalPtr>)> done) {
  const bool taken = pool_.submit([this, token = std::move(token), done] {
    Result<PrincipalPtr> checked = Error{};
    try {
      checked = check(token);
    } catch (const std::exception& failure) {
      checked = Error{ErrorCode::internal, failure.what(), ""};
    }
    done(std::move(checked));
  });
  if (!taken) done(Error{ErrorCode::unavailable, "Too many tokens of identity providers are being checked; try again in a moment.", ""});
}

Result<PrincipalPtr> OidcBearer::check(const std::string& token) {
  const auto issuer = peek_oidc_issuer(token);
  if (!issuer) return PrincipalPtr();
  std::optional<Error> refused_by;
  for (const StoredProvider& provider : providers_.providers()) {
    if (provider.audience.empty() || provider.issuer != *issuer) continue;
    const auto claims = providers_.verify(provider, token, {OidcExpectation::Kind::access_token, provider.issuer, provider.audience, ""});
    if (claims && opens_an_api(provider, *claims)) return admit(provider, digest_of(token), *claims);
    refused_by = claims ? Error{ErrorCode::unauthorized, "The token is not taken: it says not what it opens (scope), so it may be an ID token.", ""} : claims.error();
    refused_by->field.clear();
  }
  if (!refused_by) return PrincipalPtr();
  return *refused_by;
}

Result<PrincipalPtr> OidcBearer::admit(const StoredProvider& provider, const TokenDigest& digest, const OidcClaims& claims) {
  Known known{std::make_shared<const StoredProvider>(provider), claims.subject, roles_of(claims, provider.claim, provider.rules).roles,
              {(claims.expires_at + kOidcTolerance) * kSecond}, nullptr};
  if (known.roles.empty()) {
    return Error{ErrorCode::forbidden, "The provider's token is good, but no rule of the provider gives a role for what it holds (" + provider.claim + ").", ""};
  }
  known.principal = principal_of(known, digest);
  const PrincipalPtr principal = known.principal;
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostKnownTokens) {
    const Timestamp now = clock_.now();
    std::erase_if(known_, [now](const auto& one) { return now >= one.second.ends; });
    if (known_.size() >= kMostKnownTokens) known_.erase(known_.begin());
  }
  known_.insert_or_assign(digest, std::move(known));
  return principal;
}

}  // namespace penstock::auth
