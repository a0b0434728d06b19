#include "auth/stored_grants.hpp"

#include <algorithm>
#include <optional>

#include "penstock/core/name_pattern.hpp"

namespace penstock::auth {
namespace {

// Whether all names of one pattern are names of the other too, as far as can be told: `wide` matches the very text of `narrow`, and has no character
// that means another thing than itself but *, which covers whatever a * or ? of `narrow` stands for.
bool surely_covers(const std::string& wide, const std::string& narrow) {
  if (wide == narrow) return true;
  if (!is_pattern(narrow) && narrow.find('\\') == std::string::npos) return matches_pattern(wide, narrow);
  return wide.find_first_of("?\\") == std::string::npos && matches_pattern(wide, narrow);
}

// nullopt: nothing is left. No patterns at all mean everything.
std::optional<std::vector<std::string>> both_patterns(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  std::vector<std::string> left;
  const auto keep = [&left](const std::string& pattern) {
    if (std::find(left.begin(), left.end(), pattern) == left.end()) left.push_back(pattern);
  };
  for (const std::string& one : a) {
    for (const std::string& other : b) {
      if (surely_covers(other, one)) keep(one);
      else if (surely_covers(one, other)) keep(other);
    }
  }
  if (left.empty()) return std::nullopt;
  return left;
}

std::optional<Grant> both_grants(const Grant& a, const Grant& b) {
  Grant both;
  both.rights = a.rights & b.rights;
  both.all_deployments = a.all_deployments && b.all_deployments;
  if (!both.all_deployments) {
    if (!a.all_deployments && !b.all_deployments && a.deployment != b.deployment) return std::nullopt;
    both.deployment = a.all_deployments ? b.deployment : a.deployment;
    both.rights = both.rights & kDeploymentRights;
  }
  auto sources = both_patterns(a.sources, b.sources);
  if (!sources) return std::nullopt;
  both.sources = std::move(*sources);
  if (both.rights.has(Right::custom_metrics_read)) {
    if (auto metrics = both_patterns(a.custom_metrics, b.custom_metrics)) {
      both.custom_metrics = std::move(*metrics);
    } else {
      Rights others;
      for (const Right right : {Right::deployment_read, Right::metrics_read, Right::logs_read, Right::logs_delete, Right::ingest_logs,
                                Right::ingest_metrics, Right::admin, Right::audit_read}) {
        if (both.rights.has(right)) others |= right;
      }
      both.rights = others;
    }
  }
  if (both.rights.empty()) return std::nullopt;
  return both;
}

std::vector<Grant> grants_of_list(const std::vector<StoredGrant>& stored) {
  std::vector<Grant> grants;
  for (const StoredGrant& one : stored) {
    Grant grant = grant_of(one);
    if (check(grant)) grants.push_back(std::move(grant));
  }
  return grants;
}

}  // namespace

Grant grant_of(const StoredGrant& stored) {
  Grant grant;
  grant.all_deployments = stored.deployment == "*";
  if (!grant.all_deployments) grant.deployment = stored.deployment;
  for (const std::string& name : stored.rights) {
    if (const auto rights = parse_rights(name)) grant.rights |= *rights;
  }
  grant.sources = stored.sources;
  grant.custom_metrics = stored.custom_metrics;
  return grant;
}

StoredGrant stored_grant_of(const Grant& grant) {
  StoredGrant stored{0, grant.all_deployments ? "*" : grant.deployment, {}, grant.sources, grant.custom_metrics};
  for (const std::string_view name : right_names(grant.rights)) stored.rights.emplace_back(name);
  return stored;
}

std::vector<Grant> narrowed(const std::vector<Grant>& given, const std::vector<Grant>& within) {
  std::vector<Grant> left;
  for (const Grant& one : given) {
    for (const Grant& other : within) {
      auto both = both_grants(one, other);
      if (both && std::find(left.begin(), left.end(), *both) == left.end()) left.push_back(std::move(*both));
    }
  }
  return left;
}

Grants grants_of(const Identities& identities, const StoredUser& user) {
  if (user.disabled) return {};
  std::vector<Grant> all = grants_of_list(user.grants);
  for (const HeldRole& held : user.roles) {
    const auto role = identities.roles.find(held.role);
    if (role == identities.roles.end()) continue;
    Grant where;
    where.all_deployments = held.deployment == "*";
    if (!where.all_deployments) where.deployment = held.deployment;
    where.rights = kDeploymentRights | kInstanceRights;
    std::vector<Grant> here = narrowed(grants_of_list(role->second.grants), {where});
    all.insert(all.end(), here.begin(), here.end());
  }
  return Grants(std::move(all));
}

Grants grants_of(const Identities& identities, const StoredToken& token) {
  std::vector<Grant> own = grants_of_list(token.grants);
  if (token.owner.empty()) return Grants(std::move(own));
  const auto owner = identities.users.find(token.owner);
  if (owner == identities.users.end()) return {};
  return Grants(narrowed(own, grants_of(identities, owner->second).list()));
}

}  // namespace penstock::auth
