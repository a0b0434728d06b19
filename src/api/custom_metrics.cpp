#include "api/custom_metrics.hpp"

#include <charconv>
#include <optional>
#include <set>

#include "api/answers.hpp"
#include "api/parameters.hpp"
#include "penstock/core/name_pattern.hpp"

namespace penstock::api {
namespace {

Json bound_json(const std::optional<double>& bound) { return bound ? Json(*bound) : Json(nullptr); }

Json declaration_json(const StoredDeclaration& stored) {
  const MetricDeclaration& metric = stored.metric;
  return {{"id", metric.id},
          {"deployment", metric.deployment},
          {"name", metric.name},
          {"pattern", is_pattern(metric.name)},
          {"unit", metric.unit},
          {"description", metric.description},
          {"min", bound_json(metric.least)},
          {"max", bound_json(metric.most)},
          {"created_at", time_json(stored.created_at)},
          {"created_by", stored.created_by},
          {"changed_at", time_json(stored.changed_at)},
          {"changed_by", stored.changed_by}};
}

// A number; null or nothing: there is no bound.
std::optional<double> read_bound(JsonBody& body, const char* name) {
  const Json* const given = body.member(name);
  if (given == nullptr) return std::nullopt;
  if (!given->is_number()) {
    body.fail(name, "This must be a number, or null where there is no bound.");
    return std::nullopt;
  }
  return given->get<double>();
}

auth::MetricWish read_metric(JsonBody& body) {
  auth::MetricWish wish;
  wish.deployment = body.text("deployment");
  wish.name = body.text("name");
  wish.unit = body.text("unit");
  wish.description = body.text("description");
  if (auto least = read_bound(body, "min"); body.given("min")) wish.least = least;
  if (auto most = read_bound(body, "max"); body.given("max")) wish.most = most;
  return wish;
}

// One, or those in a list.
std::vector<auth::MetricWish> read_metrics(JsonBody& body) {
  const Json* const list = body.member("metrics");
  if (list == nullptr) return {read_metric(body)};
  std::vector<auth::MetricWish> wishes;
  if (!list->is_array() || list->empty()) {
    body.fail("metrics", "This must be a list: [{\"deployment\": \"shop\", \"name\": \"orders.open\"}].");
    return wishes;
  }
  for (const Json& item : *list) {
    JsonBody one(item, "metrics[" + std::to_string(wishes.size()) + "].");
    wishes.push_back(read_metric(one));
    if (auto error = one.error()) body.fail(std::move(*error));
  }
  return wishes;
}

std::optional<std::int64_t> id_of(const Call& call) {
  const std::string& text = call.arguments.at(0);
  std::int64_t id = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return id;
}

http::Response no_id() { return bad_request({ErrorCode::invalid_request, "A declaration's id is a number: take it from GET /api/v1/custom-metrics.", "id"}); }

Result<Json> one_of(const IdentityDesk& desk, std::int64_t id) {
  const auto seen = desk.service.look();
  if (!seen) return seen.error();
  const auto& all = (*seen)->identities().declarations;
  const auto found = all.find(id);
  if (found == all.end()) return Error{ErrorCode::not_found, "There is no declaration " + std::to_string(id) + '.', ""};
  return declaration_json(found->second);
}



// What a list is asked for; empty: everything.
struct MetricFilter {
  std::string deployment, metric;

  bool takes(const MetricDeclaration& declared) const {
    if (metric.empty()) return deployment.empty() || declared.deployment == deployment;
    return (deployment.empty() || declared.deployment == deployment || declared.deployment == "*") && matches_pattern(declared.name, metric);
  }
};

}  // namespace

void CustomMetrics::add_routes(RouteTable& table) {
  add_route(table, "GET", "/api/v1/custom-metrics", Access::admin(), 0, this, &CustomMetrics::list);
  add_route(table, "POST", "/api/v1/custom-metrics", Access::admin(), kMaxIdentityBody, this, &CustomMetrics::declare);
  add_route(table, "GET", "/api/v1/custom-metrics/{id}", Access::admin(), 0, this, &CustomMetrics::show);
  add_route(table, "PUT", "/api/v1/custom-metrics/{id}", Access::admin(), kMaxIdentityBody, this, &CustomMetrics::put);
  add_route(table, "PATCH", "/api/v1/custom-metrics/{id}", Access::admin(), kMaxIdentityBody, this, &CustomMetrics::patch);
  add_route(table, "DELETE", "/api/v1/custom-metrics/{id}", Access::admin(), 0, this, &CustomMetrics::remove);
}

boost::asio::awaitable<http::Response> CustomMetrics::list(RequestPtr request, CallPtr) {
  Parameters parameters(request->head, desk_.clock.now());
  MetricFilter filter{parameters.text("deployment", ""), parameters.text("metric", "")};
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_from(desk_.pool, 200, [desk = desk_, filter = std::move(filter)]() -> Result<Json> {
    const auto seen = desk.service.look();
    if (!seen) return seen.error();
    const auto& declared = (*seen)->declared();
    // Of one metric in one deployment it is told which of them counts.
    const bool tells = !filter.metric.empty() && !filter.deployment.empty();
    const MetricDeclaration* const counting = tells && declared ? declared->find(filter.deployment, filter.metric) : nullptr;
    Json metrics = Json::array();
    for (const auto& [id, stored] : (*seen)->identities().declarations) {
      if (!filter.takes(stored.metric)) continue;
      metrics.push_back(declaration_json(stored));
      if (tells) metrics.back()["counts"] = counting != nullptr && counting->id == id;
    }
    return Json{{"metrics", std::move(metrics)}};
  });
}

boost::asio::awaitable<http::Response> CustomMetrics::show(RequestPtr, CallPtr call) {
  const auto id = id_of(*call);
  if (!id) return ready(no_id());
  return answer_from(desk_.pool, 200, [desk = desk_, id = *id] { return one_of(desk, id); });
}

boost::asio::awaitable<http::Response> CustomMetrics::declare(RequestPtr request, CallPtr call) {
  JsonBody body(request->body);
  std::vector<auth::MetricWish> wishes = read_metrics(body);
  const bool several = body.given("metrics");
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, wishes = std::move(wishes), several, caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    auto done = desk.service.change(caller, [&](const auth::PlanScene& scene) { return auth::plan_declarations(scene, wishes); });
    if (!done) return done.error();
    const auto seen = desk.service.look();
    if (!seen) return seen.error();
    std::set<std::pair<std::string, std::string>> wished;
    for (const auth::MetricWish& wish : wishes) wished.emplace(wish.deployment.value_or("*"), wish.name.value_or(""));
    Json made = Json::array();
    for (const auto& [id, stored] : (*seen)->identities().declarations) {
      if (wished.contains({stored.metric.deployment, stored.metric.name})) made.push_back(declaration_json(stored));
    }
    if (several) return Json{{"metrics", std::move(made)}};
    return made.empty() ? Json::object() : made.front();
  };
  return answer_from(desk_.pool, 201, std::move(work));
}

boost::asio::awaitable<http::Response> CustomMetrics::put(RequestPtr request, CallPtr call) { return change(std::move(request), std::move(call), true); }

boost::asio::awaitable<http::Response> CustomMetrics::patch(RequestPtr request, CallPtr call) { return change(std::move(request), std::move(call), false); }

boost::asio::awaitable<http::Response> CustomMetrics::change(RequestPtr request, CallPtr call, bool whole) {
  const auto id = id_of(*call);
  if (!id) return ready(no_id());
  JsonBody body(request->body);
  auth::MetricWish wish = read_metric(body);
  if (auto error = body.error()) return ready(bad_request(std::move(*error)));
  auto work = [desk = desk_, id = *id, wish = std::move(wish), whole, caller = caller_of(*call->principal, request->head)]() -> Result<Json> {
    auto done = desk.service.change(caller, [&](const auth::PlanScene& scene) { return auth::plan_declaration_change(scene, id, wish, whole); });
    if (!done) return done.error();
    return one_of(desk, id);
  };
  return answer_from(desk_.pool, 200, std::move(work));
}

boost::asio::awaitable<http::Response> CustomMetrics::remove(RequestPtr request, CallPtr call) {
  const auto id = id_of(*call);
  if (!id) return ready(no_id());
  return answer_from(desk_.pool, 204, [desk = desk_, id = *id, caller = caller_of(*call->principal, request->head)]() -> Result<void> {
    return desk.service.change(caller, [id](const auth::PlanScene& scene) { return auth::plan_declaration_removal(scene, id); });
  });
}

}  // namespace penstock::api
