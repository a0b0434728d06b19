#include "api/providers.hpp"

#include "api/answers.hpp"
#include "api/oidc_log_in.hpp"
#include "auth/oidc_settings.hpp"

namespace penstock::api {
namespace {

constexpr const char* kEverybody = "*";

Json rules_json(const std::vector<ProviderRule>& rules) {
  Json list = Json::array();
  for (const ProviderRule& rule : rules) {
    list.push_back({{"value", rule.value.empty() ? kEverybody : rule.value}, {"role", rule.held.role}, {"deployment", rule.held.deployment}});
  }
  return list;
}

Json provider_json(const Identities& identities, const StoredProvider& provider, const std::string& base, bool configured) {
  std::size_t users = 0;
  for (const auto& [name, user] : identities.users) users += user.issuer == provider.issuer ? 1 : 0;
  const auto address = [&](const std::string& at) { return at.empty() ? Json(nullptr) : Json(at); };
  const std::string callback = provider.redirect_uri.empty() && base.empty() ? std::string() : auth::oidc_client(provider, "", base).redirect_uri;
  const std::string own = callback.substr(0, callback.size() - std::min(callback.size(), auth::oidc_callback("", provider.id).size()));
  return {{"id", provider.id},
          {"title", provider.title},
          {"issuer", provider.issuer},
          {"client_id", provider.client_id},
          {"has_secret", configured ? Json(nullptr) : Json(!provider.secret.empty())},
          {"scope", provider.scope},
          {"claim", provider.claim},
          {"audience", provider.audience},
          {"redirect_uri", provider.redirect_uri},
          {"enabled", provider.enabled},
          {"rules", rules_json(provider.rules)},
          {"configured", configured},
          {"users", users},
          {"callback", address(callback)},
          {"post_logout", address(own.empty() ? own : own + "/")},
          {"backchannel_logout", address(own.empty() ? own : own + "/api/v1/oidc/" + provider.id + "/logout")}};
}

std::vector<ProviderRule> read_rules(JsonBody& body) {
  std::vector<ProviderRule> rules;
  const Json* const list = body.member("rules");
  if (list == nullptr) return rules;
  if (!list->is_array()) {
    body.fail("rules", "This must be a list of rules: [{\"value\": \"sre\", \"role\": \"viewer\", \"deployment\": \"shop\"}]; the value * is everybody.");
    return rules;
  }
  for (const Json& item : *list) {
    JsonBody one(item, "rules[" + std::to_string(rules.size()) + "].");
    const std::string value = one.required_text("value");
    ProviderRule rule{value == kEverybody ? std::string() : value, {one.required_text("role"), one.text("deployment").value_or("*")}};
    if (auto error = one.error()) body.fail(std::move(*error));
    rules.push_back(std::move(rule));
  }
  return rules;
}

Result<Json> provider_now(const IdentityDesk& desk, const std::string& id, const std::string& base) {
  const auto seen = desk.service.look();
  if (!seen) return seen.error();
  const Identities& identities = (*seen)->identities();
  const StoredProvider* const configured = desk.oidc->configured();
  if (configured != nullptr && configured->id == id) return provider_json(identities, *configured, base, true);
  const auto found = identities.providers.find(id);
  if (found == identities.providers.end()) return Error{ErrorCode::not_found, "There is no provider \"" + id + "\".", ""};
  return provider_json(identities, found->second, base, false);
}

}  // namespace

void Providers::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/providers", Access::admin(), 0, this, &Providers::list);
  add_route(table, "GET", "/api/v1/providers/{id}", Access::admin(), 0, this, &Providers::show);
  add_route(table, "PUT", "/api/v1/providers/{id}", Access::admin(), kMaxIdentityBody, this, &Providers::put);
  add_route(table, "DELETE", "/api/v1/providers/{id}", Access::admin(), 0, this, &Providers::remove);
  Route test;
  test.method = "POST";
  test.pattern = "/api/v1/providers/{id}/test";
  test.access = Access::admin();
  test.max_body = 1024;
  test.body_optional = true;
  test.endpoint = [this](RequestPtr request, CallPtr call) { return this->test(std::move(request), std::move(call)); };
  table.add(std::move(test));
}

boost::asio::awaitable<http::Response> Providers::list(RequestPtr request, CallPtr) {
  return answer_from(desk_.pool, 200, [desk = desk_, base = server_base(request->head, desk_.oidc->public_url())]() -> Result<Json> {
    const auto seen = desk.service.look();
    if (!seen) return seen.error();
    const Identities& identities = (*seen)->identities();
    Json providers = Json::array();
    const StoredProvider* const configured = desk.oidc->configured();
    if (configured != nullptr) providers.push_back(provider_json(identities, *configured, base, true));
    for (const auto& [id, provider] : identities.providers) {
      if (configured == nullptr || configured->id != id) providers.push_back(provider_json(identities, provider, base, false));
    }
    return Json{{"providers", std::move(providers)}};
  });
}

boost::asio::awaitable<http::Response> Providers::show(RequestPtr request, CallPtr call) {
  return answer_from(desk_.pool, 200, [desk = desk_, id = call->arguments.at(0), base = server_base(request->head, desk_.oidc->public_url())] {
    return provider_now(desk, id, base);
  });
}

boost::asio::awaitable<http::Response> Providers::put(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  StoredProvider wish;
  wish.id = call->arguments.at(0);
  wish.title = body.text("title").value_or(wish.id);
  wish.issuer = body.required_text("issuer");
  wish.client_id = body.required_text("client_id");
  const auto secret = body.text("client_secret");
  wish.scope = body.text("scope").value_or(std::string(auth::kDefaultOidcScope));
  wish.claim = body.text("claim").value_or(std::string(auth::kDefaultOidcClaim));
  wish.audience = body.text("audience").value_or("");
  wish.redirect_uri = body.text("redirect_uri").value_or("");
  wish.enabled = body.flag("enabled").value_or(true);
  wish.rules = read_rules(body);
  if (secret && secret->size() > 1000) body.fail("client_secret", "A client secret is at most 1,000 bytes.");
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, wish = std::move(wish), secret, base = server_base(request->head, desk_.oidc->public_url()),
               caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    if (auto done = desk.oidc->put(caller, wish, secret); !done) return done.error();
    return provider_now(desk, wish.id, base);
  };
  return answer_from(desk_.pool, 200, std::move(work));
}

boost::asio::awaitable<http::Response> Providers::remove(RequestPtr request, CallPtr call) {
  return answer_from(desk_.pool, 204, [desk = desk_, id = call->arguments.at(0), caller = caller_of(*call->principal, request->head)]() -> Result<void> {
    return desk.oidc->remove(caller, id);
  });
}

boost::asio::awaitable<http::Response> Providers::test(RequestPtr, CallPtr call) {
  return answer_from(*desk_.oidc_pool, 200, [desk = desk_, id = call->arguments.at(0)]() -> Result<Json> {
    const auto report = desk.oidc->test(id);
    if (!report && report.error().code == ErrorCode::not_found) return report.error();
    if (!report) return Json{{"good", false}, {"problem", report.error().message}};
    return Json{{"good", true},
                {"problem", nullptr},
                {"authorization_endpoint", report->provider.authorization_endpoint},
                {"keys", report->keys},
                {"userinfo", !report->provider.userinfo_endpoint.empty()},
                {"logs_out", !report->provider.end_session_endpoint.empty()}};
  });
}

}  // namespace penstock::api
