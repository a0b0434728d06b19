#include "api/identity_json.hpp"

namespace penstock::api {

auth::Caller caller_of(const Principal& principal, const http::RequestHead& head) {
  auth::Caller caller;
  caller.name = principal.name;
  caller.address = head.peer;
  if (principal.kind == PrincipalKind::user) caller.user = principal.id;
  caller.administrator = principal.grants.may_somewhere(Right::admin);
  return caller;
}

Grant read_grant(JsonBody& body) {
  Grant grant;
  const std::string deployment = body.required_text("deployment");
  grant.all_deployments = deployment == "*";
  if (!grant.all_deployments) grant.deployment = deployment;
  const auto names = body.texts("rights");
  if (!names || names->empty()) {
    body.fail("rights", "A grant needs rights, such as [\"logs:read\", \"ingest\"].");
  } else if (const auto rights = parse_rights(*names)) {
    grant.rights = *rights;
  } else {
    body.fail("rights", rights.error().message);
  }
  grant.sources = body.texts("sources").value_or(std::vector<std::string>());
  grant.custom_metrics = body.texts("custom_metrics").value_or(std::vector<std::string>());
  if (body.error()) return grant;
  if (const auto fits = check(grant); !fits) body.fail(fits.error().field, fits.error().message);
  return grant;
}

std::optional<std::vector<Grant>> read_grants(JsonBody& body, const char* name) {
  const Json* const list = body.member(name);
  if (list == nullptr) return std::nullopt;
  std::vector<Grant> grants;
  if (!list->is_array()) {
    body.fail(name, "This must be a list of grants: [{\"deployment\": \"shop\", \"rights\": [\"logs:read\"]}].");
    return grants;
  }
  for (const Json& item : *list) {
    JsonBody one(item, std::string(name) + '[' + std::to_string(grants.size()) + "].");
    grants.push_back(read_grant(one));
    if (auto error = one.error()) body.fail(std::move(*error));
  }
  return grants;
}

std::optional<std::vector<HeldRole>> read_roles(JsonBody& body) {
  const Json* const list = body.member("roles");
  if (list == nullptr) return std::nullopt;
  std::vector<HeldRole> roles;
  if (!list->is_array()) {
    body.fail("roles", "This must be a list: [\"viewer\"], or [{\"role\": \"viewer\", \"deployment\": \"shop\"}].");
    return roles;
  }
  for (const Json& item : *list) {
    if (item.is_string()) {
      roles.push_back({item.get<std::string>(), "*"});
      continue;
    }
    JsonBody one(item, "roles[" + std::to_string(roles.size()) + "].");
    HeldRole held;
    held.role = one.required_text("role");
    held.deployment = one.text("deployment").value_or("*");
    if (auto error = one.error()) body.fail(std::move(*error));
    roles.push_back(std::move(held));
  }
  return roles;
}

Json time_json(Timestamp time) {
  if (time.ns == 0) return nullptr;
  return format_rfc3339(time);
}

Json grant_json(const StoredGrant& grant) {
  Json out = {{"id", grant.id}, {"deployment", grant.deployment}, {"rights", grant.rights}};
  if (!grant.sources.empty()) out["sources"] = grant.sources;
  if (!grant.custom_metrics.empty()) out["custom_metrics"] = grant.custom_metrics;
  return out;
}

Json grants_json(const std::vector<StoredGrant>& grants) {
  Json list = Json::array();
  for (const StoredGrant& grant : grants) list.push_back(grant_json(grant));
  return list;
}

std::string dumped(const Json& document) { return document.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace penstock::api
