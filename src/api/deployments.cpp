#include "api/deployments.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "api/answers.hpp"
#include "api/retention_view.hpp"

namespace penstock::api {
namespace {

nlohmann::json amount_json(const std::optional<StoredAmount>& amount, const nlohmann::json& kept) {
  nlohmann::json json = {{"records", amount ? amount->records : 0}, {"bytes", amount ? amount->bytes : 0}, {"chunks", amount ? amount->chunks : 0}};
  if (amount) {
    json["first"] = format_rfc3339(amount->first);
    json["last"] = format_rfc3339(amount->last);
  }
  json.update(kept);
  return json;
}

// Whoever reads only part of a deployment is not told how much of it there is.
struct Answer {
  query::DeploymentList list;
  std::shared_ptr<const auth::Directory> known;  // may be null
  std::vector<RetentionRule> configured;

  // Who may read all of them is shown those too of which nothing was sent yet, and something is set.
  void add_those_with_settings() {
    if (known == nullptr || !list.all) return;
    std::set<std::string> missing;
    for (const StoredRetention& rule : known->identities().retention) missing.insert(rule.deployment);
    for (const auto& [deployment, said] : known->identities().undeclared) missing.insert(deployment);
    missing.erase("*");
    for (const auto& deployment : list.deployments) missing.erase(deployment.name);
    for (const std::string& name : missing) list.deployments.push_back({.name = name, .whole = true});
    std::sort(list.deployments.begin(), list.deployments.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  }

  // {"deployments":[{"name","logs":{"records","bytes","chunks","first","last","keep_s","keep_bytes","keep_by"},"metrics":{…},"undeclared_metrics",
  // "undeclared_metrics_set"},…],"all","partial","undeclared_metrics"}. keep_s, keep_bytes 0: without limit.
  std::string json() const {
    const RetentionView retention(known ? known->identities().retention : std::vector<StoredRetention>(), configured);
    const auto refused = [this](const std::string& name) { return known && known->declared() && known->declared()->refuses_undeclared(name); };
    nlohmann::json all = nlohmann::json::array();
    for (const auto& deployment : list.deployments) {
      nlohmann::json one = {{"name", deployment.name}};
      if (deployment.whole) {
        one["logs"] = amount_json(deployment.logs, retention.in_force(deployment.name, RecordKind::log));
        one["metrics"] = amount_json(deployment.metrics, retention.in_force(deployment.name, RecordKind::metric));
        one["undeclared_metrics"] = refused(deployment.name) ? "refused" : "taken";
        one["undeclared_metrics_set"] = known && known->identities().undeclared.contains(deployment.name);
      }
      all.push_back(std::move(one));
    }
    // What is stored may have been cut by an old build: answers are valid UTF-8 all the same.
    nlohmann::json answer = {{"deployments", std::move(all)}, {"all", list.all}, {"partial", list.stats.partial}};
    if (list.all) answer["undeclared_metrics"] = refused("*") ? "refused" : "taken";
    return answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
};

bool whole_everywhere(const query::Scope& scope) {
  const Reach whole = scope.grants->reach(Right::deployment_read);
  return whole.everywhere() && !whole.narrowed();
}

}  // namespace

void Deployments::add_routes(RouteTable& table) {
  table.add({"GET", "/api/v1/deployments", Access::to(kReading, Place::none), 0, [this](RequestPtr request, CallPtr call) {
               return list(std::move(request), std::move(call));
             }});
}

boost::asio::awaitable<http::Response> Deployments::list(RequestPtr request, CallPtr call) {
  return answer_query(pool_, std::move(request), std::move(call),
                      [this](const query::Scope& scope, const StopFlag& gone) -> Result<Answer> {
                        auto list = engine_.deployments(scope, gone);
                        if (!list) return std::move(list).error();
                        Answer answer{std::move(*list), known_(), configured_};
                        if (whole_everywhere(scope)) answer.add_those_with_settings();
                        return answer;
                      });
}

}  // namespace penstock::api
