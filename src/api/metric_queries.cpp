#include "api/metric_queries.hpp"

#include <utility>

#include "api/answers.hpp"
#include "api/query_parameters.hpp"

namespace penstock::api {

void MetricQueries::add_routes(RouteTable& table) {
  using Member = boost::asio::awaitable<http::Response> (MetricQueries::*)(RequestPtr, CallPtr);
  const auto add = [&](const char* pattern, Member member) {
    // Custom ones are metrics too: who may read these alone sees these alone.
    const Access read = Access::to(Right::metrics_read | Right::custom_metrics_read, Place::query);
    table.add({"GET", pattern, read, 0, [this, member](RequestPtr request, CallPtr call) {
                 return (this->*member)(std::move(request), std::move(call));
               }});
  };
  add("/api/v1/metrics", &MetricQueries::list);
  add("/api/v1/metrics/series", &MetricQueries::series);
  add("/api/v1/metrics/query", &MetricQueries::range);
  add("/api/v1/metrics/latest", &MetricQueries::latest);
}

boost::asio::awaitable<http::Response> MetricQueries::list(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  query::SeriesQuery query = read_series_query(parameters);
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(query)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.metrics(scope, query, gone);
                      });
}

boost::asio::awaitable<http::Response> MetricQueries::series(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  query::SeriesQuery query = read_series_query(parameters);
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(query)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.series(scope, query, gone);
                      });
}

boost::asio::awaitable<http::Response> MetricQueries::range(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  query::RangeQuery query = read_range_query(parameters);
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(query)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.range(scope, query, gone);
                      });
}

boost::asio::awaitable<http::Response> MetricQueries::latest(RequestPtr request, CallPtr call) {
  Parameters parameters(request->head, clock_.now(), ahead_ns_);
  query::LatestQuery query = read_latest_query(parameters);
  if (auto error = parameters.error()) return ready(bad_request(std::move(*error)));
  return answer_query(pool_, std::move(request), std::move(call),
                      [this, query = std::move(query)](const query::Scope& scope, const StopFlag& gone) {
                        return engine_.latest(scope, query, gone);
                      });
}

}  // namespace penstock::api
