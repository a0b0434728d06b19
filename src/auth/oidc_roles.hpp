// Which roles somebody has by what a provider says of them. Pure.
#pragma once

#include <string>
#include <vector>

#include "auth/oidc_token.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

struct OidcRoles {
  std::vector<HeldRole> roles;   // sorted, each once; empty: no access
  bool too_many_groups = false;  // the provider left the groups out of the token, which is to be told the operator
};

// `claim`: a name as it is ("groups", "https://example.com/roles"), else a way through objects ("realm_access.roles"). Values are compared exactly.
OidcRoles roles_of(const OidcClaims& claims, const std::string& claim, const std::vector<ProviderRule>& rules);
// Whether there is such a claim.
bool has_claim(const OidcClaims& claims, const std::string& claim);

}  // namespace penstock::auth
