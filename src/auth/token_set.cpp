#include "auth/token_set.hpp"

#include <utility>

namespace penstock::auth {

void TokenSet::add(TokenVerifier& verifier) { verifiers_.push_back(&verifier); }

void TokenSet::add(std::string_view token, Principal principal) {
  if (!token.empty()) fixed_.push_back({digest_of(token), std::move(principal)});
}

std::optional<Principal> TokenSet::verify(std::string_view token) {
  if (token.empty()) return std::nullopt;
  std::optional<Principal> found;
  for (TokenVerifier* const verifier : verifiers_) {
    std::optional<Principal> principal = verifier->verify(token);
    if (principal && !found) found = std::move(principal);
  }
  const TokenDigest digest = digest_of(token);
  for (const Fixed& fixed : fixed_) {
    if (same_digest(fixed.digest, digest) && !found) found = fixed.principal;
  }
  return found;
}

}  // namespace penstock::auth
