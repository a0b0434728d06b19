// From what the store says about users and tokens to what they may do.
#pragma once

#include <vector>

#include "penstock/core/grants.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

// Rights that this program does not know are left out.
Grant grant_of(const StoredGrant& stored);
StoredGrant stored_grant_of(const Grant& grant);

// What both allow. Patterns of sources and of custom metrics are compared as texts: where it cannot be seen that one covers the other, neither is left.
std::vector<Grant> narrowed(const std::vector<Grant>& given, const std::vector<Grant>& within);

// A user's own grants and those of the roles held. Nothing when the user is disabled.
Grants grants_of(const Identities& identities, const StoredUser& user);
// Never more than the owner may. Nothing when the owner is gone or disabled.
Grants grants_of(const Identities& identities, const StoredToken& token);

}  // namespace penstock::auth
