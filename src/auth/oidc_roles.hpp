// Which roles somebody has by what a provider says of them. Pure.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "auth/oidc_token.hpp"

namespace penstock::auth {

struct OidcRoleRule {
  // Of the claims: a name as it is ("groups", "https://example.com/roles"), else a way through objects ("realm_access.roles").
  std::string claim = "groups";
  std::vector<std::pair<std::string, std::string>> roles;  // a value of the claim → a role here; values are compared exactly
  std::vector<std::string> everybody;                      // roles of all whom the provider knows; empty: without a rule that fits nobody gets in
};

struct OidcRoles {
  std::vector<std::string> roles;  // sorted, each once; empty: no access
  bool too_many_groups = false;    // the provider left the groups out of the token, which is to be told the operator
};

OidcRoles roles_of(const OidcClaims& claims, const OidcRoleRule& rule);

}  // namespace penstock::auth
