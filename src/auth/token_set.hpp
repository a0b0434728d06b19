// Several sources of tokens as one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/token_digest.hpp"
#include "penstock/ports/token_verifier.hpp"

namespace penstock::auth {

// Thread-safe after the last add(). Every source is asked, so that the time does not tell which one knew the token.
class TokenSet final : public TokenVerifier {
 public:
  // `verifier` outlives the set.
  void add(TokenVerifier& verifier);
  // A fixed token and whom it stands for. An empty token is never taken.
  void add(std::string_view token, Principal principal);

  std::optional<Principal> verify(std::string_view token) override;

 private:
  struct Fixed {
    TokenDigest digest;
    Principal principal;
  };
  std::vector<TokenVerifier*> verifiers_;
  std::vector<Fixed> fixed_;
};

}  // namespace penstock::auth
