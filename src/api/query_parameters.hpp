// The parameters of a request as a query.
#pragma once

#include <string_view>

#include "api/parameters.hpp"
#include "query/log_query.hpp"
#include "query/metric_query.hpp"
#include "query/overview.hpp"

namespace penstock::api {

// What is wrong with a parameter stands in `parameters` afterwards.

// deployment, from, to, severity, source, q, field.NAME, limit, order, cursor. `from` is what is meant when none is given.
query::LogQuery read_log_query(Parameters& parameters, std::string_view from = "now-1h");
query::SeriesQuery read_series_query(Parameters& parameters);
query::RangeQuery read_range_query(Parameters& parameters);
query::LatestQuery read_latest_query(Parameters& parameters);
query::LatestQuery read_latest_names(Parameters& parameters);  // which metrics, and n
query::OverviewQuery read_overview_query(Parameters& parameters);

}  // namespace penstock::api
