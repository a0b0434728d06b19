#include <algorithm>

#include "auth/plan_parts.hpp"
#include "penstock/core/names.hpp"

namespace penstock::auth {
namespace {

bool same_place(const StoredGrant& a, const StoredGrant& b) {
  return a.deployment == b.deployment && a.sources == b.sources && a.custom_metrics == b.custom_metrics;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

// The holder of grants, changed by `change`, as a change of its own.
template <class Change>
std::optional<Result<IdentityChange>> change_holder(const Identities& identities, std::string_view kind, const std::string& name, Change change) {
  const auto changed = [&](const auto& holders) -> std::optional<Result<IdentityChange>> {
    const auto found = holders.find(name);
    if (found == holders.end()) return std::nullopt;
    auto holder = found->second;
    if (Result<void> fits = change(holder.grants); !fits) return Result<IdentityChange>(fits.error());
    return Result<IdentityChange>(IdentityChange(std::move(holder)));
  };
  if (kind == "user") return changed(identities.users);
  if (kind == "role") return changed(identities.roles);
  if (kind == "token") return changed(identities.tokens);
  return std::nullopt;
}

struct Found {
  std::string kind, holder;
  StoredGrant grant;
};

std::optional<Found> find_grant(const Identities& identities, std::int64_t id) {
  const auto look = [id](const auto& holders, const char* kind) -> std::optional<Found> {
    for (const auto& [name, holder] : holders) {
      for (const StoredGrant& grant : holder.grants) {
        if (grant.id == id) return Found{kind, name, grant};
      }
    }
    return std::nullopt;
  };
  if (auto found = look(identities.users, "user")) return found;
  if (auto found = look(identities.roles, "role")) return found;
  return look(identities.tokens, "token");
}

Error too_many_grants() {
  return {ErrorCode::invalid_request, "A user, role or token holds at most 200 grants: use patterns, or a role for many deployments.", "grants"};
}

}  // namespace

std::string AuditDetail::text_of(const StoredGrant& grant) {
  std::string text = grant.deployment + ": " + joined(grant.rights);
  if (!grant.sources.empty()) text += " of sources " + joined(grant.sources);
  if (!grant.custom_metrics.empty()) text += " of custom metrics " + joined(grant.custom_metrics);
  return text;
}

Result<std::vector<StoredGrant>> stored_grants(const std::vector<Grant>& wished, const std::vector<StoredGrant>& there) {
  if (wished.size() > kMostGrants) return too_many_grants();
  std::vector<StoredGrant> grants;
  for (const Grant& one : wished) {
    if (auto fits = check(one); !fits) return fits.error();
    StoredGrant grant = stored_grant_of(one);
    const auto same = std::find_if(there.begin(), there.end(), [&](const StoredGrant& old) { return same_place(old, grant) && old.rights == grant.rights; });
    const bool twice = std::any_of(grants.begin(), grants.end(), [&](const StoredGrant& old) { return same_place(old, grant) && old.rights == grant.rights; });
    if (twice) continue;
    if (same != there.end()) grant.id = same->id;
    grants.push_back(std::move(grant));
  }
  return grants;
}

Planned plan_role(const PlanScene& scene, const std::string& name, const std::string& description, const std::vector<Grant>& grants) {
  if (!is_deployment_name(name)) {
    return Error{ErrorCode::invalid_request, "A role's name is 1 to 64 letters, digits, dots, dashes and underscores.", "name"};
  }
  const auto found = scene.identities.roles.find(name);
  const bool there = found != scene.identities.roles.end();
  if (there && found->second.built_in) {
    return Error{ErrorCode::conflict, "The role \"" + name + "\" is built in and stays as it is: make one of your own.", "name"};
  }
  if (!there && scene.identities.roles.size() >= kMostRoles) return Error{ErrorCode::conflict, "There are 1,000 roles, which is the most.", ""};
  if (!description.empty() && !is_name(description, 1024)) {
    return Error{ErrorCode::invalid_request, "A description is at most 1024 bytes without control characters.", "description"};
  }
  auto stored = stored_grants(grants, there ? found->second.grants : std::vector<StoredGrant>());
  if (!stored) return stored.error();
  StoredRole role{name, description, false, std::move(*stored)};
  AuditDetail detail;
  detail.text("description", description).grants(role.grants);
  return IdentityPlan{{role}, {done(scene, there ? "role.change" : "role.create", "role:" + name, std::move(detail))}};
}

Planned plan_role_removal(const PlanScene& scene, const std::string& name) {
  const auto found = scene.identities.roles.find(name);
  if (found == scene.identities.roles.end()) return no_such("role", name);
  if (found->second.built_in) return Error{ErrorCode::conflict, "The role \"" + name + "\" is built in and stays.", "name"};
  for (const auto& [user, stored] : scene.identities.users) {
    for (const HeldRole& held : stored.roles) {
      if (held.role == name) {
        return Error{ErrorCode::conflict, "The user \"" + user + "\" holds this role: take it away from all users first.", "name"};
      }
    }
  }
  for (const auto& [id, provider] : scene.identities.providers) {
    for (const ProviderRule& rule : provider.rules) {
      if (rule.held.role == name) {
        return Error{ErrorCode::conflict, "The provider \"" + id + "\" gives this role: take it out of its rules first.", "name"};
      }
    }
  }
  return IdentityPlan{{RemoveRole{name}}, {done(scene, "role.remove", "role:" + name)}};
}

Planned plan_new_grant(const PlanScene& scene, const std::string& kind, const std::string& holder, const Grant& grant) {
  if (auto fits = check(grant); !fits) return fits.error();
  if (kind == "role") {
    const auto role = scene.identities.roles.find(holder);
    if (role != scene.identities.roles.end() && role->second.built_in) {
      return Error{ErrorCode::conflict, "The role \"" + holder + "\" is built in and stays as it is: make one of your own.", "role"};
    }
  }
  StoredGrant wished = stored_grant_of(grant);
  const auto add = [&](std::vector<StoredGrant>& grants) -> Result<void> {
    const auto same = std::find_if(grants.begin(), grants.end(), [&](const StoredGrant& old) { return same_place(old, wished); });
    if (same != grants.end()) {
      Grant both = grant_of(*same);
      both.rights |= grant.rights;
      same->rights = stored_grant_of(both).rights;
      return {};
    }
    if (grants.size() >= kMostGrants) return too_many_grants();
    grants.push_back(wished);
    return {};
  };
  auto change = change_holder(scene.identities, kind, holder, add);
  if (!change) return no_such(kind, holder);
  if (!*change) return change->error();
  AuditDetail detail;
  detail.grants({wished});
  return IdentityPlan{{std::move(**change)}, {done(scene, "grant.create", kind + ':' + holder, std::move(detail))}};
}

Planned plan_grant_removal(const PlanScene& scene, std::int64_t id) {
  const auto found = find_grant(scene.identities, id);
  if (!found) return no_such("grant", std::to_string(id));
  if (found->kind == "role" && scene.identities.roles.at(found->holder).built_in) {
    return Error{ErrorCode::conflict, "The role \"" + found->holder + "\" is built in and stays as it is: make one of your own.", ""};
  }
  auto change = change_holder(scene.identities, found->kind, found->holder, [id](std::vector<StoredGrant>& grants) -> Result<void> {
    std::erase_if(grants, [id](const StoredGrant& grant) { return grant.id == id; });
    return {};
  });
  AuditDetail detail;
  detail.grants({found->grant});
  return IdentityPlan{{std::move(**change)}, {done(scene, "grant.remove", found->kind + ':' + found->holder, std::move(detail))}};
}

}  // namespace penstock::auth
