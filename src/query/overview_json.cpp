#include "query/json_object.hpp"

namespace penstock::query {
namespace {

void add_counts(JsonObject& into, const Overview::Counts& counts) {
  into.whole("records", counts.total());
  append_severity_counts(into.member("counts"), counts.by_severity);
  into.time("last", counts.last);
}

void append_deployment(std::string& out, const Overview::Deployment& deployment) {
  JsonObject object(out);
  object.text("deployment", deployment.name);
  object.whole("sources", deployment.sources);
  add_counts(object, deployment.counts);
  object.end();
}

void append_source(std::string& out, const Overview::Source& source) {
  JsonObject object(out);
  object.text("deployment", source.deployment);
  object.text("source", source.source);
  add_counts(object, source.counts);
  object.end();
}

}  // namespace

// {"from","to","step_ms","buckets":[{"time","total","counts":{"ERROR":3,…}},…],
// "deployments":[{"deployment","sources","records","counts","last"},…],
// "sources":[{"deployment","source","records","counts","last"},…],"sources_total","approximate","latest","stats"}.
// `counts` are records by severity, `last` is the newest record's time; `latest` is there when metrics were asked for.
std::string to_json(const Overview& overview, const std::optional<LatestResult>& latest) {
  std::string out;
  JsonObject object(out);
  object.time("from", overview.from);
  object.time("to", overview.to);
  object.whole("step_ms", static_cast<std::uint64_t>(overview.step_ns / 1'000'000));
  append_buckets(object.member("buckets"), overview.buckets);
  object.list("deployments", overview.deployments, append_deployment);
  object.list("sources", overview.sources, append_source);
  object.whole("sources_total", overview.sources_total);
  object.flag("approximate", overview.approximate);
  if (latest) object.member("latest") += to_json(*latest);
  object.stats(overview.stats);
  object.end();
  return out;
}

}  // namespace penstock::query
