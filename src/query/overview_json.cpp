#include "query/json.hpp"

namespace penstock::query {
namespace {

void append_counts(std::string& out, const Overview::Counts& counts) {
  out += "\"records\":" + std::to_string(counts.total()) + ",\"counts\":";
  append_severity_counts(out, counts.by_severity);
  out += ",\"last\":";
  append_time(out, counts.last);
}

}  // namespace

// {"from","to","step_ms","buckets":[{"time","total","counts":{"ERROR":3,…}},…],
// "deployments":[{"deployment","sources","records","counts","last"},…],
// "sources":[{"deployment","source","records","counts","last"},…],"sources_total","approximate","latest","stats"}.
// `counts` are records by severity, `last` is the newest record's time; `latest` is there when metrics were asked for.
std::string to_json(const Overview& overview, const std::optional<LatestResult>& latest) {
  std::string out = "{\"from\":";
  append_time(out, overview.from);
  out += ",\"to\":";
  append_time(out, overview.to);
  out += ",\"step_ms\":" + std::to_string(overview.step_ns / 1'000'000) + ",\"buckets\":";
  append_buckets(out, overview.buckets);
  out += ",\"deployments\":[";
  for (std::size_t i = 0; i < overview.deployments.size(); ++i) {
    const auto& deployment = overview.deployments[i];
    out += i > 0 ? ",{\"deployment\":" : "{\"deployment\":";
    append_json_string(out, deployment.name);
    out += ",\"sources\":" + std::to_string(deployment.sources) + ',';
    append_counts(out, deployment.counts);
    out += '}';
  }
  out += "],\"sources\":[";
  for (std::size_t i = 0; i < overview.sources.size(); ++i) {
    const auto& source = overview.sources[i];
    out += i > 0 ? ",{\"deployment\":" : "{\"deployment\":";
    append_json_string(out, source.deployment);
    out += ",\"source\":";
    append_json_string(out, source.source);
    out += ',';
    append_counts(out, source.counts);
    out += '}';
  }
  out += "],\"sources_total\":" + std::to_string(overview.sources_total);
  out += overview.approximate ? ",\"approximate\":true" : ",\"approximate\":false";
  if (latest) out += ",\"latest\":" + to_json(*latest);
  out += ",\"stats\":";
  append_stats_json(out, overview.stats);
  out += '}';
  return out;
}

}  // namespace penstock::query
