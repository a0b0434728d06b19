#include <algorithm>

#include "auth/plan_parts.hpp"
#include "penstock/core/names.hpp"

namespace penstock::auth {
namespace {

// How long tokens that are of no use any more are listed.
constexpr std::int64_t kKeptAfterEnd = 30 * kDay;

bool ended_long_ago(const StoredToken& token, Timestamp now) {
  const std::int64_t ended = token.revoked_at.ns != 0 ? token.revoked_at.ns : token.expires_at.ns;
  return ended != 0 && ended < now.ns - kKeptAfterEnd;
}

Result<Timestamp> end_of(const PlanScene& scene, const std::optional<std::int64_t>& ttl) {
  const IdentitySettings settings = read_settings(scene.identities.settings);
  const std::int64_t most = settings.token_ttl_max;
  std::int64_t wished = ttl.value_or(settings.token_ttl_default);
  if (!ttl && most != 0 && (wished == 0 || wished > most)) wished = most;
  if (most != 0 && (wished == 0 || wished > most)) {
    const auto stored = scene.identities.settings.find("token.ttl_max");
    const std::string text = stored == scene.identities.settings.end() ? std::string() : stored->second;
    return Error{ErrorCode::invalid_request, "A token is valid for at most " + text + " here (the setting token.ttl_max).", "ttl"};
  }
  return wished == 0 ? Timestamp{0} : saturating_add(scene.now, wished);
}

// A certificate stands for one thing at a time; what it stood for before goes from the list.
Result<void> make_room(const PlanScene& scene, const std::string& digest, IdentityPlan& plan) {
  for (const auto& [id, old] : scene.identities.tokens) {
    if (old.digest != digest) continue;
    if (old.revoked_at.ns == 0 && (old.expires_at.ns == 0 || scene.now < old.expires_at)) {
      return Error{ErrorCode::conflict, "This certificate stands for \"" + old.name + "\" already: revoke " + id + " first.", "certificate"};
    }
    plan.changes.push_back(RemoveToken{id});
  }
  return {};
}

}  // namespace

Planned plan_new_token(const PlanScene& scene, const TokenWish& wish, const std::string& id, const std::string& prefix, const std::string& digest) {
  if (!is_name(wish.name, 128)) {
    return Error{ErrorCode::invalid_request, "Say what the token is for: a name of 1 to 128 bytes without control characters.", "name"};
  }
  const std::string owner = scene.caller.administrator ? wish.owner : scene.caller.user;
  if (!scene.caller.administrator && (owner.empty() || (!wish.owner.empty() && wish.owner != owner))) {
    return Error{ErrorCode::forbidden, "Only an administrator makes tokens that are not a user's own.", "owner"};
  }
  // Else one could give a stranger's agent rights of one's own, and get its records.
  if (wish.certificate && !scene.caller.administrator) {
    return Error{ErrorCode::forbidden, "Only an administrator says what a client's certificate stands for.", "certificate"};
  }
  if (!owner.empty() && !scene.identities.users.contains(owner)) return Error{ErrorCode::invalid_request, "There is no user \"" + owner + "\".", "owner"};
  if (!wish.default_deployment.empty() && !is_deployment_name(wish.default_deployment)) {
    return Error{ErrorCode::invalid_request, std::string(kDeploymentNameRule), "default_deployment"};
  }
  if (wish.grants.empty()) return Error{ErrorCode::invalid_request, "A token needs a grant: say which rights it gives, and in which deployment.", "grants"};
  auto grants = stored_grants(wish.grants, {});
  if (!grants) return grants.error();
  const auto ends = end_of(scene, wish.ttl_ns);
  if (!ends) return ends.error();

  IdentityPlan plan;
  std::size_t live = 0;
  for (const auto& [old_id, old] : scene.identities.tokens) {
    if (ended_long_ago(old, scene.now)) {
      plan.changes.push_back(RemoveToken{old_id});
    } else {
      ++live;
    }
  }
  if (wish.certificate) {
    if (auto made = make_room(scene, digest, plan); !made) return made.error();
  }
  if (live >= kMostTokens) return Error{ErrorCode::conflict, "There are 10,000 tokens, which is the most: revoke some; they go 30 days later.", ""};
  StoredToken token{id, wish.name, prefix, digest, owner, wish.default_deployment, scene.now, scene.caller.name, *ends};
  token.grants = std::move(*grants);
  token.certificate = wish.certificate.has_value();
  AuditDetail detail;
  detail.text("name", token.name).grants(token.grants);
  if (wish.certificate) detail.text("certificate", *wish.certificate);
  if (!owner.empty()) detail.text("owner", owner);
  if (!token.default_deployment.empty()) detail.text("default_deployment", token.default_deployment);
  if (ends->ns != 0) detail.text("expires_at", format_rfc3339(*ends));
  plan.changes.emplace_back(std::move(token));
  plan.entries.push_back(done(scene, "token.create", "token:" + id, std::move(detail)));
  return plan;
}

Planned plan_token_revocation(const PlanScene& scene, const std::string& id) {
  const auto found = scene.identities.tokens.find(id);
  const bool own = found != scene.identities.tokens.end() && !found->second.owner.empty() && found->second.owner == scene.caller.user;
  // Of others' tokens nothing is told.
  if (found == scene.identities.tokens.end() || (!scene.caller.administrator && !own)) return no_such("token", id);
  StoredToken token = found->second;
  if (token.revoked_at.ns != 0) return IdentityPlan{};
  token.revoked_at = scene.now;
  AuditDetail detail;
  detail.text("name", token.name);
  return IdentityPlan{{token}, {done(scene, "token.revoke", "token:" + id, std::move(detail))}};
}

Planned plan_setting(const PlanScene& scene, const std::string& key, const std::string& value) {
  // Any key's value may be this, so that only an unknown key is refused when it is set back.
  if (const auto read = read_setting(key, value.empty() ? "12h" : value); !read) return read.error();
  const auto there = scene.identities.settings.find(key);
  const std::string before = there == scene.identities.settings.end() ? std::string() : there->second;
  if (before == value) return IdentityPlan{};
  AuditDetail detail;
  detail.text("before", before).text("after", value);
  return IdentityPlan{{ChangeSetting{key, value}}, {done(scene, "setting.change", "setting:" + key, std::move(detail))}};
}

}  // namespace penstock::auth
