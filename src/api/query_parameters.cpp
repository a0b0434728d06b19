#include "api/query_parameters.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "api/route.hpp"
#include "penstock/core/severity.hpp"

namespace penstock::api {
namespace {

void check_range(Parameters& parameters, Timestamp from, Timestamp to) {
  if (from > to) parameters.fail(ErrorCode::invalid_request, "from", "from must not be later than to.");
}

// `names` are separated by commas; `name`, repeatable, is one name whatever it holds.
std::vector<std::string> read_names(Parameters& parameters) {
  std::vector<std::string> names = parameters.list("names");
  for (std::string& name : parameters.all("name")) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

// A page is held in memory, a stream is not.
std::uint32_t read_limit(Parameters& parameters) {
  constexpr std::uint64_t kAny = std::numeric_limits<std::uint64_t>::max(), kMost = std::numeric_limits<std::uint32_t>::max();
  const std::uint64_t limit = parameters.number("limit", 100, 1, parameters.format_asked() != AnswerFormat::json ? kAny : query::kMaxLimit);
  return static_cast<std::uint32_t>(std::min(limit, kMost));
}

}  // namespace

query::LogQuery read_log_query(Parameters& parameters, std::string_view from) {
  query::LogQuery query;
  query.timeout_ns = parameters.duration("timeout");
  query.deployments = parameters.all(kDeploymentParameter);
  query.from = parameters.time("from", from);
  query.to = parameters.end_time("to");
  check_range(parameters, query.from, query.to);
  if (const auto severity = parameters.text("severity")) {
    query.min_severity = parse_severity(*severity);
    if (!query.min_severity) {
      parameters.fail(ErrorCode::invalid_severity, "severity",
                      "severity must be one of TRACE DEBUG INFO NOTICE WARN ERROR FATAL.");
    }
  }
  query.sources = parameters.all("source");
  query.q = parameters.text("q", "");
  query.fields = parameters.with_prefix("field.");
  query.limit = read_limit(parameters);
  const std::string order = parameters.text("order", "desc");
  if (order != "asc" && order != "desc")
    parameters.fail(ErrorCode::invalid_request, "order", "order must be asc or desc.");
  query.ascending = order == "asc";
  query.cursor = parameters.text_or_empty("cursor").value_or("");
  return query;
}

query::SeriesQuery read_series_query(Parameters& parameters) {
  query::SeriesQuery query;
  query.timeout_ns = parameters.duration("timeout");
  query.deployments = parameters.all(kDeploymentParameter);
  query.names = read_names(parameters);
  query.labels = parameters.with_prefix("label.");
  query.limit = parameters.number("limit", query.limit, 1, 10'000'000);
  if (parameters.given("from")) query.from = parameters.time("from", "now-1h");
  if (parameters.given("to")) query.to = parameters.end_time("to");
  if (query.from && query.to) check_range(parameters, *query.from, *query.to);
  return query;
}

query::RangeQuery read_range_query(Parameters& parameters) {
  query::RangeQuery query;
  query.timeout_ns = parameters.duration("timeout");
  query.deployments = parameters.all(kDeploymentParameter);
  query.name = parameters.required_text("name");
  query.labels = parameters.with_prefix("label.");
  query.from = parameters.time("from", "now-1h");
  query.to = parameters.end_time("to");
  if (!parameters.given("to")) query.full_to = parameters.now();
  check_range(parameters, query.from, query.to);
  query.step_ns = parameters.duration("step");
  query.zone = parameters.zone("tz");
  const std::vector<std::string> aggregates = parameters.list("agg");
  if (parameters.given("agg")) query.aggregates.clear();
  for (const std::string& text : aggregates) {
    if (const auto known = query::parse_aggregate(text)) query.aggregates.push_back(*known);
  }
  if (query.aggregates.empty() || query.aggregates.size() < aggregates.size()) {
    parameters.fail(ErrorCode::invalid_request, "agg", "agg must be of " + query::aggregate_names() + "; several with commas between.");
  }
  if (const auto within = parameters.text("within")) {
    query.within = query::parse_within(*within);
    if (!query.within) {
      parameters.fail(ErrorCode::invalid_request, "within", "within must be one of avg min max sum count last rate.");
    }
  }
  query.top = parameters.number("top", 0, 1, query::kMaxTop);
  const std::string rank = parameters.text("rank", "avg");
  if (const auto known = query::parse_rank(rank)) {
    query.rank = *known;
  } else {
    parameters.fail(ErrorCode::invalid_request, "rank", "rank must be one of avg min max last sum.");
  }
  // An empty `by` asks for one series in all.
  const std::vector<std::string> by = parameters.list_or_empty("by");
  if (parameters.given("by")) query.by = by;
  return query;
}

query::LatestQuery read_latest_query(Parameters& parameters) {
  query::LatestQuery query = read_latest_names(parameters);
  query.deployments = parameters.all(kDeploymentParameter);
  query.labels = parameters.with_prefix("label.");
  query.from = parameters.time("from", "now-24h");
  return query;
}

query::LatestQuery read_latest_names(Parameters& parameters) {
  query::LatestQuery query;
  query.timeout_ns = parameters.duration("timeout");
  query.names = read_names(parameters);
  if (!parameters.given("names") && !parameters.given("name")) {
    parameters.fail(ErrorCode::invalid_request, "names",
                    "The parameter names is needed: metric names separated by commas.");
  }
  query.n = static_cast<std::uint32_t>(parameters.number("n", query.n, 1, 1000));
  return query;
}

query::OverviewQuery read_overview_query(Parameters& parameters) {
  query::OverviewQuery query;
  query.timeout_ns = parameters.duration("timeout");
  query.deployments = parameters.all(kDeploymentParameter);
  query.from = parameters.time("from", "now-1h");
  query.to = parameters.end_time("to");
  check_range(parameters, query.from, query.to);
  query.step_ns = parameters.duration("step");
  query.zone = parameters.zone("tz");
  query.limit = parameters.number("limit", query.limit, 1, query::kMaxLimit);
  return query;
}

}  // namespace penstock::api
