#include "api/overview.hpp"

#include <utility>

#include "api/answers.hpp"
#include "api/query_parameters.hpp"

namespace penstock::api {

void Overview::add_routes(RouteTable& table) {
  // Of logs and of metrics each shows what may be seen.
  const Access read = Access::to(Right::logs_read | Right::metrics_read | Right::custom_metrics_read, Place::query);
  table.add({"GET", "/api/v1/overview", read, 0, [this](RequestPtr request, CallPtr call) {
               return overview(std::move(request), std::move(call));
             }});
}

// deployment, from, to, step and limit choose among logs; names and n ask for the newest points of these metrics too.
boost::asio::awaitable<http::Response> Overview::overview(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  query::OverviewQuery logs = read_overview_query(parameters);
  std::optional<query::LatestQuery> metrics;
  if (parameters.given("names") || parameters.given("name")) {
    metrics = read_latest_names(parameters);
    metrics->deployments = logs.deployments;
  }
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  struct Answer {
    query::Overview logs;
    std::optional<query::LatestResult> metrics;
    std::string json() const { return query::to_json(logs, metrics); }
  };
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, logs = std::move(logs), metrics = std::move(metrics)](
                          const query::Scope& scope, const StopFlag& gone) -> Result<Answer> {
                        auto counted = engine_.overview(scope, logs, gone);
                        if (!counted) return std::move(counted).error();
                        Answer answer{std::move(*counted), std::nullopt};
                        if (!metrics) return answer;
                        auto latest = engine_.latest(scope, *metrics, gone);
                        if (!latest) return std::move(latest).error();
                        answer.metrics = std::move(*latest);
                        return answer;
                      });
}

}  // namespace penstock::api
