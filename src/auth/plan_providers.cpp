#include "auth/plan_providers.hpp"

#include <algorithm>

#include "auth/oidc_settings.hpp"
#include "auth/plan_parts.hpp"
#include "base/ascii.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "penstock/core/names.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kMostProviders = 50, kMostVisitorName = 100;

void end_sessions_by(const Identities& identities, const std::string& provider, IdentityPlan& plan) {
  for (const StoredSession& session : identities.sessions) {
    if (session.provider == provider) plan.changes.push_back(EndSession{session.digest});
  }
}

std::vector<std::string> texts_of_roles(const std::vector<HeldRole>& roles) {
  std::vector<std::string> texts;
  for (const HeldRole& held : roles) texts.push_back(held.role + (held.deployment == "*" ? "" : " of " + held.deployment));
  return texts;
}

// A name for somebody new: what the provider calls them where that is free, and never one that somebody has.
std::string free_name(const Identities& identities, const ProviderVisit& visit) {
  std::string wished;
  for (const char c : visit.name.substr(0, kMostVisitorName)) {
    const bool fits = is_letter(c) || is_digit(c) || std::string_view("._@+-").find(c) != std::string_view::npos;
    if (fits) wished += to_lower(c);
    else if (!wished.empty() && !wished.ends_with('-')) wished += '-';
  }
  while (wished.ends_with('-')) wished.pop_back();
  const Sha256Digest digest = sha256(visit.issuer + '\0' + visit.subject);
  const std::string mark = to_hex(std::span(digest.data(), 6));
  if (!user_name(wished)) wished = visit.provider + '-' + mark;
  for (const std::string& name : {wished, wished + '+' + visit.provider}) {
    if (name.size() <= 128 && !identities.users.contains(name)) return name;
  }
  std::string name = wished.substr(0, 80) + '+' + mark;
  while (identities.users.contains(name)) name += '0';
  return name;
}

Error not_allowed() {
  return {ErrorCode::forbidden, "The provider knows you, but nothing there gives you a role here. Ask an administrator (a rule of the provider must fit one of your groups).", ""};
}

}  // namespace

const StoredUser* user_of(const Identities& identities, const std::string& issuer, const std::string& subject) {
  if (issuer.empty()) return nullptr;
  const auto found = std::find_if(identities.users.begin(), identities.users.end(),
                                  [&](const auto& user) { return user.second.issuer == issuer && user.second.subject == subject; });
  return found == identities.users.end() ? nullptr : &found->second;
}

Planned plan_provider(const PlanScene& scene, const StoredProvider& wish, const std::optional<SealedSecret>& secret) {
  if (auto fits = check_provider(wish); !fits) return fits.error();
  for (const ProviderRule& rule : wish.rules) {
    if (!scene.identities.roles.contains(rule.held.role)) return Error{ErrorCode::invalid_request, "There is no role \"" + rule.held.role + "\".", "rules"};
  }
  const auto found = scene.identities.providers.find(wish.id);
  const StoredProvider* const before = found == scene.identities.providers.end() ? nullptr : &found->second;
  if (before == nullptr && scene.identities.providers.size() >= kMostProviders) return Error{ErrorCode::conflict, "There are 50 providers, which is the most.", ""};
  StoredProvider provider = wish;
  std::sort(provider.rules.begin(), provider.rules.end());
  provider.rules.erase(std::unique(provider.rules.begin(), provider.rules.end()), provider.rules.end());
  const bool same_client = before != nullptr && before->issuer == wish.issuer && before->client_id == wish.client_id;
  provider.secret_key = 0;
  provider.secret.clear();
  if (secret) {
    provider.secret_key = secret->key;
    provider.secret = secret->bytes;
  } else if (same_client) {
    provider.secret_key = before->secret_key;
    provider.secret = before->secret;
  } else if (before != nullptr && !before->secret.empty()) {
    return Error{ErrorCode::invalid_request, "The secret belongs to the issuer and client of before: give that of the new one, or \"\" when it has none.", "client_secret"};
  }
  if (before != nullptr && *before == provider) return IdentityPlan{};
  AuditDetail detail;
  detail.text("issuer", provider.issuer).text("client_id", provider.client_id).text("scope", provider.scope).text("claim", provider.claim);
  if (!provider.audience.empty()) detail.text("audience", provider.audience);
  if (!provider.redirect_uri.empty()) detail.text("redirect_uri", provider.redirect_uri);
  if (!provider.enabled) detail.text("enabled", "no");
  if (secret) detail.text("client_secret", secret->bytes.empty() ? "none" : "changed");
  std::vector<std::string> rules;
  for (const ProviderRule& rule : provider.rules) rules.push_back(format_provider_rules({rule}));
  detail.list("rules", rules);
  const std::string object = "provider:" + provider.id;
  IdentityPlan plan;
  if (before != nullptr && (!provider.enabled || !same_client)) end_sessions_by(scene.identities, provider.id, plan);
  plan.changes.emplace_back(std::move(provider));
  plan.entries.push_back(done(scene, before == nullptr ? "provider.create" : "provider.change", object, std::move(detail)));
  return plan;
}

Planned plan_provider_removal(const PlanScene& scene, const std::string& id) {
  if (!scene.identities.providers.contains(id)) return no_such("provider", id);
  IdentityPlan plan{{RemoveProvider{id}}, {done(scene, "provider.remove", "provider:" + id)}};
  end_sessions_by(scene.identities, id, plan);
  return plan;
}

Planned plan_visit(const PlanScene& scene, const ProviderVisit& visit) {
  std::vector<HeldRole> roles;
  std::copy_if(visit.roles.begin(), visit.roles.end(), std::back_inserter(roles), [&](const HeldRole& held) { return scene.identities.roles.contains(held.role); });
  if (roles.empty()) return not_allowed();
  const StoredUser* const there = user_of(scene.identities, visit.issuer, visit.subject);
  if (there != nullptr && there->disabled) return Error{ErrorCode::forbidden, "This account is disabled here. Ask an administrator.", ""};
  if (there == nullptr && scene.identities.users.size() >= kMostUsers) return Error{ErrorCode::conflict, "There are 10,000 users, which is the most: an administrator must remove some.", ""};
  StoredUser user = there != nullptr ? *there : StoredUser{free_name(scene.identities, visit), {}, {}, false, scene.now, "provider:" + visit.provider};
  if (is_name(visit.full_name, 256)) user.full_name = visit.full_name;
  user.issuer = visit.issuer;
  user.subject = visit.subject;
  IdentityPlan plan;
  if (user.roles != roles) {
    user.roles = std::move(roles);
    AuditDetail detail;
    if (there == nullptr) detail.text("issuer", user.issuer).text("subject", user.subject);
    detail.list("roles", texts_of_roles(user.roles));
    plan.entries.push_back({scene.now, "provider:" + visit.provider, there == nullptr ? "user.create" : "user.change", "user:" + user.name, "done", scene.caller.address, detail.take()});
  }
  plan.changes.emplace_back(std::move(user));
  return plan;
}

Planned plan_visit_refused(const PlanScene& scene, const ProviderVisit& visit) {
  const StoredUser* const there = user_of(scene.identities, visit.issuer, visit.subject);
  const bool known = std::any_of(visit.roles.begin(), visit.roles.end(), [&](const HeldRole& held) { return scene.identities.roles.contains(held.role); });
  if (there == nullptr || known) return IdentityPlan{};
  const bool sessions = std::any_of(scene.identities.sessions.begin(), scene.identities.sessions.end(), [&](const StoredSession& session) { return session.user == there->name; });
  if (there->roles.empty() && !sessions) return IdentityPlan{};
  StoredUser user = *there;
  user.roles.clear();
  AuditDetail detail;
  detail.list("roles", std::vector<std::string>());
  const std::string name = user.name;
  return IdentityPlan{{std::move(user), EndSessionsOf{name}},
                      {{scene.now, "provider:" + visit.provider, "user.change", "user:" + name, "done", scene.caller.address, detail.take()}}};
}

Planned plan_provider_log_out(const PlanScene& scene, const StoredProvider& provider, const std::string& subject, const std::string& provider_session) {
  const StoredUser* const user = user_of(scene.identities, provider.issuer, subject);
  IdentityPlan plan;
  for (const StoredSession& session : scene.identities.sessions) {
    const bool named = !provider_session.empty() ? session.provider_session == provider_session && (subject.empty() || (user != nullptr && session.user == user->name))
                                                 : user != nullptr && session.user == user->name;
    if (session.provider != provider.id || !named) continue;
    plan.changes.push_back(EndSession{session.digest});
    plan.entries.push_back({scene.now, "provider:" + provider.id, "session.logout", "user:" + session.user, "done", scene.caller.address, ""});
  }
  return plan;
}

}  // namespace penstock::auth
