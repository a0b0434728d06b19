// The JSON shapes of answers. Each appends to a string; nothing here fails.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "penstock/core/ids.hpp"
#include "penstock/core/record.hpp"
#include "query/log_query.hpp"
#include "query/metric_query.hpp"
#include "query/overview.hpp"

namespace penstock::query {

// In quotes, RFC 3339.
void append_time(std::string& out, Timestamp time);

// {"id","timestamp","received_at","deployment","source","severity","message","fields":{…}}
void append_log_json(std::string& out, RecordId id, const LogView& log);
void append_log_json(std::string& out, const LogRow& row);

// {"name":value,…}; a name that comes more than once gives an array.
void append_fields_json(std::string& out, std::span<const FieldView> fields);

void append_stats_json(std::string& out, const Stats& stats);

// {"ERROR":3,…}: those that are not 0.
void append_severity_counts(std::string& out, const std::array<std::uint64_t, kSeverityCount>& counts);
void append_buckets(std::string& out, const std::vector<LogHistogram::Bucket>& buckets);

std::string to_json(const LogPage& page);          // {"records","cursor","stats"}
std::string to_json(const LogHistogram& histogram);
std::string to_json(const Facets& facets);
std::string to_json(const FieldList& fields);
std::string to_json(const LogContext& context);
std::string to_json(const Removed& removed);       // {"deleted":n,"receipts":[{"id","deployment","deleted"}]}
std::string to_json(const MetricList& metrics);
std::string to_json(const SeriesList& series);
std::string to_json(const RangeResult& range);
std::string to_json(const LatestResult& latest);
// `latest`: the answer of /metrics/latest, when it was asked for.
std::string to_json(const Overview& overview, const std::optional<LatestResult>& latest);
std::string gap_json(std::uint64_t skipped);       // {"skipped":n}

// "string", "integer", "number", "boolean", "null", "json".
std::string_view field_type_name(FieldType type);

}  // namespace penstock::query
