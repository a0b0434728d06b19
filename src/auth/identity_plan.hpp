// What is to be changed about users, roles, grants, tokens, settings and deployments. Pure: from what there is and what is wished to the changes and their audit entries,
// or to an error that says what to do. IdentityService carries plans out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/identity_settings.hpp"
#include "penstock/core/grants.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

// Who wishes it.
struct Caller {
  std::string name;              // a principal's
  std::string address = {};      // for the audit
  std::string user = {};         // the user who logged in, or whose token it is; empty: none
  bool administrator = false;    // whoever is not may do with what is the user's own
};

struct IdentityPlan {
  std::vector<IdentityChange> changes;
  std::vector<AuditEntry> entries;
};
using Planned = Result<IdentityPlan>;

struct UserWish {
  std::optional<std::string> full_name, password_hash;
  std::optional<bool> disabled;
  std::optional<std::vector<HeldRole>> roles;
  std::optional<std::vector<Grant>> grants;
};

struct TokenWish {
  std::string name, owner, default_deployment;
  std::vector<Grant> grants;
  std::optional<std::int64_t> ttl_ns;  // 0: for ever; absent: as the settings say
  std::optional<std::string> certificate = {};  // a TLS client's that stands in place of a token: SHA-256 of it, 64 lower-case hexadecimal digits
};

// Of a declared metric: what is given.
struct MetricWish {
  std::optional<std::string> deployment = {}, name = {}, unit = {}, description = {};
  std::optional<std::optional<double>> least = {}, most = {};  // given as nothing: no bound
};

// What is the same of every plan.
struct PlanScene {
  const Identities& identities;
  const Caller& caller;
  Timestamp now;
};

inline constexpr std::size_t kMostUsers = 10'000, kMostTokens = 10'000, kMostRoles = 1'000, kMostGrants = 200;
inline constexpr std::size_t kMostDeclarations = 10'000, kMostRetentionRules = 1'000;

// As users are stored: ASCII letters in lower case. invalid_request when it is no name: 1 to 128 letters, digits and . _ @ + -.
Result<std::string> user_name(std::string_view given);

Planned plan_new_user(const PlanScene& scene, const std::string& name, const UserWish& wish);
// Ends the user's sessions when the password changes or the user is disabled.
Planned plan_user_change(const PlanScene& scene, const std::string& name, const UserWish& wish);
Planned plan_user_removal(const PlanScene& scene, const std::string& name);

Planned plan_role(const PlanScene& scene, const std::string& name, const std::string& description, const std::vector<Grant>& grants);
Planned plan_role_removal(const PlanScene& scene, const std::string& name);

// "user", "role" or "token" and its name or id. With the same deployment and patterns as one that is there it is added to that.
Planned plan_new_grant(const PlanScene& scene, const std::string& kind, const std::string& holder, const Grant& grant);
Planned plan_grant_removal(const PlanScene& scene, std::int64_t id);

// `id`, `prefix` and `digest` are of the token that was drawn, or of the certificate. conflict: that certificate counts already.
Planned plan_new_token(const PlanScene& scene, const TokenWish& wish, const std::string& id, const std::string& prefix, const std::string& digest);
Planned plan_token_revocation(const PlanScene& scene, const std::string& id);

Planned plan_setting(const PlanScene& scene, const std::string& key, const std::string& value);

// New ones, all or none. conflict: one of that deployment and name is there, or there are too many.
Planned plan_declarations(const PlanScene& scene, const std::vector<MetricWish>& wishes);
// `whole`: what is not given is as of a new one.
Planned plan_declaration_change(const PlanScene& scene, std::int64_t id, const MetricWish& wish, bool whole);
Planned plan_declaration_removal(const PlanScene& scene, std::int64_t id);

// The deployment "*" is all that have no rule of their own.
Planned plan_retention(const PlanScene& scene, const StoredRetention& wish);
Planned plan_retention_removal(const PlanScene& scene, const std::string& deployment, RecordKind kind);
Planned plan_undeclared(const PlanScene& scene, const std::string& deployment, Undeclared metrics);

}  // namespace penstock::auth
