// What is to be changed about OpenID providers and the users who come by them. Pure, as identity_plan.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "auth/identity_plan.hpp"

namespace penstock::auth {

struct SealedSecret {
  std::uint64_t key = 0;
  std::string bytes;  // empty: a client without a secret
};

// Puts the provider as a whole. Without a secret that of before stays, unless it belonged to another issuer or client. Its sessions end when it is
// switched off, or another takes its place.
Planned plan_provider(const PlanScene& scene, const StoredProvider& wish, const std::optional<SealedSecret>& secret);
// Its sessions end; its users stay, and nobody logs in as one.
Planned plan_provider_removal(const PlanScene& scene, const std::string& id);

// Somebody whom a provider sent.
struct ProviderVisit {
  std::string provider;         // id
  std::string issuer, subject;  // together they name the person
  std::string name, full_name;  // what they are called there; nothing follows from it but a name for a new user
  std::vector<HeldRole> roles;  // by the provider's rules
};

// The user of that issuer and subject; null: not here yet.
const StoredUser* user_of(const Identities& identities, const std::string& issuer, const std::string& subject);

// The user with the roles of now, made where there is none. Roles that are gone are left out. forbidden: no role is left, or the user is disabled here.
// The user is the first change.
Planned plan_visit(const PlanScene& scene, const ProviderVisit& visit);
// Takes roles and sessions away from who has no role any more. Empty when there is nothing to take.
Planned plan_visit_refused(const PlanScene& scene, const ProviderVisit& visit);

// Ends sessions that a provider says have ended there: of a session of its own, or all of a person. An empty plan when there are none.
Planned plan_provider_log_out(const PlanScene& scene, const StoredProvider& provider, const std::string& subject, const std::string& provider_session);

}  // namespace penstock::auth
