#include <algorithm>

#include "auth/plan_parts.hpp"
#include "base/ascii.hpp"
#include "penstock/core/names.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kMostNameBytes = 128, kMostFullNameBytes = 256;

Result<std::vector<HeldRole>> held_roles(const Identities& identities, std::vector<HeldRole> wished) {
  for (const HeldRole& held : wished) {
    if (!identities.roles.contains(held.role)) {
      std::string known;
      for (const auto& [name, role] : identities.roles) known += (known.empty() ? "" : ", ") + name;
      return Error{ErrorCode::invalid_request, "There is no role \"" + held.role + "\"; there are " + known + '.', "roles"};
    }
    if (held.deployment != "*" && !is_deployment_name(held.deployment)) {
      return Error{ErrorCode::invalid_request, "A role is held for one deployment or for all of them (*). " + std::string(kDeploymentNameRule), "roles"};
    }
  }
  std::sort(wished.begin(), wished.end());
  wished.erase(std::unique(wished.begin(), wished.end()), wished.end());
  if (wished.size() > kMostGrants) return Error{ErrorCode::invalid_request, "A user holds at most 200 roles.", "roles"};
  return wished;
}

// Puts what is wished into the user, and tells it.
Result<AuditDetail> put(const Identities& identities, const UserWish& wish, StoredUser& user) {
  AuditDetail detail;
  if (wish.full_name) {
    if (!wish.full_name->empty() && !is_name(*wish.full_name, kMostFullNameBytes)) {
      return Error{ErrorCode::invalid_request, "A full name is at most 256 bytes without control characters.", "full_name"};
    }
    user.full_name = *wish.full_name;
    detail.text("full_name", user.full_name);
  }
  if (wish.password_hash) {
    user.password = *wish.password_hash;
    detail.text("password", "changed");
  }
  if (wish.disabled) {
    user.disabled = *wish.disabled;
    detail.text("disabled", user.disabled ? "yes" : "no");
  }
  if (wish.roles) {
    auto roles = held_roles(identities, *wish.roles);
    if (!roles) return roles.error();
    user.roles = std::move(*roles);
    std::vector<std::string> texts;
    for (const HeldRole& held : user.roles) texts.push_back(held.role + (held.deployment == "*" ? "" : " of " + held.deployment));
    detail.list("roles", texts);
  }
  if (wish.grants) {
    auto grants = stored_grants(*wish.grants, user.grants);
    if (!grants) return grants.error();
    user.grants = std::move(*grants);
    detail.grants(user.grants);
  }
  return detail;
}

}  // namespace

Result<std::string> user_name(std::string_view given) {
  std::string name(given);
  for (char& c : name) c = to_lower(c);
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || std::string_view("._@+-").find(c) != std::string_view::npos; };
  if (name.empty() || name.size() > kMostNameBytes || !std::all_of(name.begin(), name.end(), fits) || name == "." || name == "..") {
    return Error{ErrorCode::invalid_request, "A user's name is 1 to 128 letters and digits of ASCII and . _ @ + -, such as an e-mail address.", "name"};
  }
  return name;
}

Planned plan_new_user(const PlanScene& scene, const std::string& name, const UserWish& wish) {
  if (scene.identities.users.contains(name)) {
    return Error{ErrorCode::conflict, "There is a user \"" + name + "\" already.", "name"};
  }
  if (scene.identities.users.size() >= kMostUsers) return Error{ErrorCode::conflict, "There are 10,000 users, which is the most: remove some.", ""};
  StoredUser user{name, {}, {}, false, scene.now, scene.caller.name};
  auto detail = put(scene.identities, wish, user);
  if (!detail) return detail.error();
  return IdentityPlan{{user}, {done(scene, "user.create", "user:" + name, std::move(*detail))}};
}

Planned plan_user_change(const PlanScene& scene, const std::string& name, const UserWish& wish) {
  const auto found = scene.identities.users.find(name);
  if (found == scene.identities.users.end()) return no_such("user", name);
  StoredUser user = found->second;
  if (wish.password_hash && !user.issuer.empty()) {
    return Error{ErrorCode::conflict, "This user comes by an identity provider, and has no password here.", "password"};
  }
  auto detail = put(scene.identities, wish, user);
  if (!detail) return detail.error();
  IdentityPlan plan{{user}, {done(scene, "user.change", "user:" + name, std::move(*detail))}};
  if (wish.password_hash || user.disabled) plan.changes.push_back(EndSessionsOf{name});
  return plan;
}

Planned plan_user_removal(const PlanScene& scene, const std::string& name) {
  if (!scene.identities.users.contains(name)) return no_such("user", name);
  AuditDetail detail;
  std::vector<std::string> tokens;
  for (const auto& [id, token] : scene.identities.tokens) {
    if (token.owner == name && token.revoked_at.ns == 0) tokens.push_back(id);
  }
  if (!tokens.empty()) detail.list("tokens", tokens);
  return IdentityPlan{{RemoveUser{name}}, {done(scene, "user.remove", "user:" + name, std::move(detail))}};
}

}  // namespace penstock::auth
