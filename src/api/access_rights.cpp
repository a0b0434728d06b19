#include "api/access_rights.hpp"

#include <charconv>
#include <map>

#include "api/answers.hpp"
#include "api/parameters.hpp"
#include "auth/identity_settings.hpp"

namespace penstock::api {
namespace {

constexpr const char* kHolders[] = {"user", "role", "token"};

// Those that the filters leave. An empty filter means that it was not given.
struct GrantFilter {
  std::map<std::string, std::string> holders;
  std::string deployment;

  bool takes(const std::string& kind, const std::string& holder, const StoredGrant& grant) const {
    if (!deployment.empty() && grant.deployment != deployment) return false;
    if (holders.empty()) return true;
    const auto named = holders.find(kind);
    return named != holders.end() && named->second == holder;
  }
};

template <class Holders>
void append_grants(Json& list, const Holders& holders, const std::string& kind, const GrantFilter& filter) {
  for (const auto& [name, holder] : holders) {
    for (const StoredGrant& grant : holder.grants) {
      if (!filter.takes(kind, name, grant)) continue;
      Json one = grant_json(grant);
      one[kind] = name;
      list.push_back(std::move(one));
    }
  }
}

Json all_grants(const Identities& identities, const GrantFilter& filter) {
  Json list = Json::array();
  append_grants(list, identities.users, "user", filter);
  append_grants(list, identities.roles, "role", filter);
  append_grants(list, identities.tokens, "token", filter);
  return Json{{"grants", std::move(list)}};
}

Json role_json(const StoredRole& role) {
  return {{"name", role.name}, {"description", role.description}, {"built_in", role.built_in}, {"grants", grants_json(role.grants)}};
}

Json settings_json(const Identities& identities) {
  Json list = Json::array();
  for (const auth::SettingRule& rule : auth::setting_rules()) {
    const auto stored = identities.settings.find(std::string(rule.key));
    const bool set = stored != identities.settings.end();
    list.push_back({{"key", rule.key}, {"value", set ? stored->second : std::string(rule.unset)}, {"default", rule.unset}, {"set", set},
                    {"description", rule.description}});
  }
  return Json{{"settings", std::move(list)}};
}

template <class Show>
Result<Json> shown(const IdentityDesk& desk, Show show) {
  const auto seen = desk.service.look();
  if (!seen) return seen.error();
  return show((*seen)->identities());
}

}  // namespace

void AccessRights::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/grants", Access::admin(), 0, this, &AccessRights::list_grants);
  add_route(table, "POST", "/api/v1/grants", Access::admin(), kMaxIdentityBody, this, &AccessRights::create_grant);
  add_route(table, "DELETE", "/api/v1/grants/{id}", Access::admin(), 0, this, &AccessRights::remove_grant);
  add_route(table, "GET", "/api/v1/roles", Access::admin(), 0, this, &AccessRights::list_roles);
  add_route(table, "PUT", "/api/v1/roles/{name}", Access::admin(), kMaxIdentityBody, this, &AccessRights::put_role);
  add_route(table, "DELETE", "/api/v1/roles/{name}", Access::admin(), 0, this, &AccessRights::remove_role);
  add_route(table, "GET", "/api/v1/settings", Access::admin(), 0, this, &AccessRights::list_settings);
  add_route(table, "PATCH", "/api/v1/settings", Access::admin(), kMaxIdentityBody, this, &AccessRights::change_settings);
}

boost::asio::awaitable<http::Response> AccessRights::list_grants(RequestPtr request, CallPtr) {
  Parameters parameters(request->head, desk_.clock.now());
  GrantFilter filter;
  for (const char* kind : kHolders) {
    if (auto name = parameters.text(kind)) filter.holders[kind] = std::move(*name);
  }
  filter.deployment = parameters.text("deployment").value_or("");
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_from(desk_.pool, 200, [desk = desk_, filter = std::move(filter)] {
    return shown(desk, [&filter](const Identities& identities) { return all_grants(identities, filter); });
  });
}

boost::asio::awaitable<http::Response> AccessRights::create_grant(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  std::string kind, holder;
  for (const char* name : kHolders) {
    auto given = body.text(name);
    if (!given) continue;
    if (!kind.empty()) body.fail(name, "A grant is one holder's: give one of user, role and token.");
    kind = name;
    holder = std::move(*given);
  }
  Grant grant = read_grant(body);
  if (kind.empty()) body.fail("user", "Say whose grant it is: user, role or token.");
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, kind, holder, grant = std::move(grant), caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    auto done = desk.service.change(caller, [&](const auth::PlanScene& scene) { return auth::plan_new_grant(scene, kind, holder, grant); });
    if (!done) return done.error();
    GrantFilter own;
    own.holders[kind] = holder;
    return shown(desk, [&own](const Identities& identities) { return all_grants(identities, own); });
  };
  return answer_from(desk_.pool, 201, std::move(work));
}

boost::asio::awaitable<http::Response> AccessRights::remove_grant(RequestPtr request, CallPtr call) {
  const std::string& text = call->arguments.at(0);
  std::int64_t id = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (problem != std::errc() || end != text.data() + text.size()) {
    return ready(bad_request({ErrorCode::invalid_request, "A grant's id is a number: take it from GET /api/v1/grants.", "id"}));
  }
  return answer_from(desk_.pool, 204, [desk = desk_, id, caller = caller_of(*call->principal, request->head)]() -> Result<void> {
    return desk.service.change(caller, [id](const auth::PlanScene& scene) { return auth::plan_grant_removal(scene, id); });
  });
}

boost::asio::awaitable<http::Response> AccessRights::list_roles(RequestPtr, CallPtr) {
  return answer_from(desk_.pool, 200, [desk = desk_] {
    return shown(desk, [](const Identities& identities) {
      Json roles = Json::array();
      for (const auto& [name, role] : identities.roles) roles.push_back(role_json(role));
      return Json{{"roles", std::move(roles)}};
    });
  });
}

boost::asio::awaitable<http::Response> AccessRights::put_role(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  std::string description = body.text("description").value_or("");
  auto grants = read_grants(body, "grants");
  if (!grants) body.fail("grants", "A role is a list of grants: [{\"deployment\": \"*\", \"rights\": [\"logs:read\"]}].");
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, name = call->arguments.at(0), description = std::move(description), grants = std::move(*grants),
               caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    auto done = desk.service.change(caller, [&](const auth::PlanScene& scene) { return auth::plan_role(scene, name, description, grants); });
    if (!done) return done.error();
    return shown(desk, [&name](const Identities& identities) { return role_json(identities.roles.at(name)); });
  };
  return answer_from(desk_.pool, 200, std::move(work));
}

boost::asio::awaitable<http::Response> AccessRights::remove_role(RequestPtr request, CallPtr call) {
  return answer_from(desk_.pool, 204, [desk = desk_, name = call->arguments.at(0), caller = caller_of(*call->principal, request->head)]() -> Result<void> {
    return desk.service.change(caller, [&name](const auth::PlanScene& scene) { return auth::plan_role_removal(scene, name); });
  });
}

boost::asio::awaitable<http::Response> AccessRights::list_settings(RequestPtr, CallPtr) {
  return answer_from(desk_.pool, 200, [desk = desk_] { return shown(desk, settings_json); });
}

boost::asio::awaitable<http::Response> AccessRights::change_settings(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  std::vector<std::pair<std::string, std::string>> wished;
  for (const auto& [key, value] : body.object().items()) {
    (void)body.member(key.c_str());
    if (!value.is_string() && !value.is_null()) {
      body.fail(key, "A setting is a text, such as \"90d\", or null for its default.");
      continue;
    }
    wished.emplace_back(key, value.is_null() ? std::string() : value.get<std::string>());
    if (!value.is_null() && wished.back().second.empty()) body.fail(key, "A setting is not empty; null sets it back to its default.");
  }
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, wished = std::move(wished), caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    // All or nothing.
    auto done = desk.service.change(caller, [&wished](const auth::PlanScene& scene) -> auth::Planned {
      auth::IdentityPlan all;
      for (const auto& [key, value] : wished) {
        auto one = auth::plan_setting(scene, key, value);
        if (!one) return one.error();
        all.changes.insert(all.changes.end(), one->changes.begin(), one->changes.end());
        all.entries.insert(all.entries.end(), one->entries.begin(), one->entries.end());
      }
      return all;
    });
    if (!done) return done.error();
    return shown(desk, settings_json);
  };
  return answer_from(desk_.pool, 200, std::move(work));
}

}  // namespace penstock::api
