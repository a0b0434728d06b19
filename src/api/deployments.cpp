#include "api/deployments.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/answers.hpp"

namespace penstock::api {
namespace {

nlohmann::json amount_json(const std::optional<StoredAmount>& amount, const RetentionRule* rule) {
  nlohmann::json json = {{"records", amount ? amount->records : 0}, {"bytes", amount ? amount->bytes : 0}, {"chunks", amount ? amount->chunks : 0}};
  if (amount) {
    json["first"] = format_rfc3339(amount->first);
    json["last"] = format_rfc3339(amount->last);
  }
  json["keep_s"] = rule != nullptr ? rule->max_age_ns / kSecond : 0;
  json["keep_bytes"] = rule != nullptr ? rule->max_bytes : 0;
  return json;
}

// Whoever reads only part of a deployment is not told how much of it there is.
struct Answer {
  query::DeploymentList list;
  std::vector<RetentionRule> rules;

  // {"deployments":[{"name","logs":{"records","bytes","chunks","first","last","keep_s","keep_bytes"},"metrics":{…}},…],"all","partial"}.
  // keep_s, keep_bytes 0: without limit.
  std::string json() const {
    nlohmann::json all = nlohmann::json::array();
    for (const auto& deployment : list.deployments) {
      nlohmann::json one = {{"name", deployment.name}};
      if (deployment.whole) {
        one["logs"] = amount_json(deployment.logs, governing_rule(rules, deployment.name, RecordKind::log));
        one["metrics"] = amount_json(deployment.metrics, governing_rule(rules, deployment.name, RecordKind::metric));
      }
      all.push_back(std::move(one));
    }
    // What is stored may have been cut by an old build: answers are valid UTF-8 all the same.
    return nlohmann::json{{"deployments", std::move(all)}, {"all", list.all}, {"partial", list.stats.partial}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
};

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
                        return Answer{std::move(*list), rules_()};
                      });
}

}  // namespace penstock::api
