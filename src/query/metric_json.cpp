#include <charconv>
#include <cmath>
#include <limits>

#include "base/hex.hpp"
#include "query/json_object.hpp"

namespace penstock::query {
namespace {

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

// Rounds towards the past, also before 1970.
std::int64_t to_ms(Timestamp time) {
  const std::int64_t ms = time.ns / 1'000'000;
  return time.ns % 1'000'000 < 0 ? ms - 1 : ms;
}

void append_value(std::string& out, const std::optional<double>& value) {
  append_number(out, value.value_or(std::numeric_limits<double>::quiet_NaN()));
}

void append_point(std::string& out, Timestamp time, const std::optional<double>& value) {
  out += '[' + std::to_string(to_ms(time)) + ',';
  append_value(out, value);
  out += ']';
}

void append_line(std::string& out, const RangeResult& range, const RangeResult::Line& line) {
  JsonObject object(out);
  if (line.deployment) object.text("deployment", *line.deployment);
  object.member("labels") += labels_to_json(line.labels);
  if (line.rank) append_number(object.member("rank"), *line.rank);
  std::size_t step = 0;
  object.list("points", line.values(), [&](std::string& to, const std::optional<double>& value) {
    append_point(to, Timestamp{range.grid.start(step++)}, value);
  });
  if (range.aggregates.size() > 1) {
    JsonObject aggregates(object.member("aggregates"));
    for (std::size_t a = 0; a < range.aggregates.size(); ++a) {
      aggregates.list(aggregate_name(range.aggregates[a]), line.by_aggregate[a], append_value);
    }
    aggregates.end();
  }
  object.end();
}

void append_metric(std::string& out, const MetricInfo& metric) {
  JsonObject object(out);
  object.text("name", metric.name);
  object.text("unit", metric.unit);
  if (metric.custom) object.flag("custom", true);
  if (!metric.description.empty()) object.text("description", metric.description);
  object.list("labels", metric.labels, [](std::string& to, const std::string& label) { append_json_string(to, label); });
  object.whole("series", metric.series);
  object.end();
}

void append_series(std::string& out, const Series& series) {
  JsonObject object(out);
  std::string id;
  append_hex(id, series.id);
  object.text("id", id);
  object.text("name", series.name);
  object.text("deployment", series.deployment);
  object.member("labels") += labels_to_json(series.labels);
  object.end();
}

void append_latest(std::string& out, const LatestResult::Line& line) {
  JsonObject object(out);
  object.text("deployment", line.series.deployment);
  object.member("labels") += labels_to_json(line.series.labels);
  object.list("points", line.points, [](std::string& to, const LatestResult::Point& point) { append_point(to, point.time, point.value); });
  object.end();
}

}  // namespace

std::string to_json(const MetricList& metrics) {
  std::string out;
  JsonObject object(out);
  object.list("metrics", metrics.metrics, append_metric);
  object.stats(metrics.stats);
  object.end();
  return out;
}

std::string to_json(const SeriesList& list) {
  std::string out;
  JsonObject object(out);
  object.list("series", list.series, append_series);
  object.flag("truncated", list.truncated);
  object.stats(list.stats);
  object.end();
  return out;
}

// {"name","agg","aggs":[…],"from","to","step_ms","series":[{"deployment","labels","rank","points":[[ms,value],…],
// "aggregates":{"avg":[value,…],…}}],"series_total","rest":{"series","min":[value,…],"max":[value,…]},"stats"}.
// `points` are those of the first aggregate. `aggregates` is there when several were asked for and holds each of them;
// there and in `rest` stands one value a step, in the order of `points`. `rank` and `rest` come with `top`.
std::string to_json(const RangeResult& range) {
  std::string out;
  JsonObject object(out);
  object.text("name", range.name);
  object.text("agg", aggregate_name(range.aggregates.front()));
  object.list("aggs", range.aggregates, [](std::string& to, Aggregate aggregate) { append_json_string(to, aggregate_name(aggregate)); });
  object.time("from", range.from);
  object.time("to", range.to);
  object.whole("step_ms", static_cast<std::uint64_t>(range.step_ns / 1'000'000));
  object.list("series", range.series, [&](std::string& to, const RangeResult::Line& line) { append_line(to, range, line); });
  object.whole("series_total", range.series_total);
  if (range.rest) {
    JsonObject rest(object.member("rest"));
    rest.whole("series", range.rest->series);
    rest.list("min", range.rest->min, append_value);
    rest.list("max", range.rest->max, append_value);
    rest.end();
  }
  object.stats(range.stats);
  object.end();
  return out;
}

std::string to_json(const LatestResult& latest) {
  std::string out;
  JsonObject object(out);
  JsonObject metrics(object.member("metrics"));
  std::string name;
  for (const LatestResult::Metric& metric : latest.metrics) {
    name.clear();
    append_json_string(name, metric.name);
    metrics.list(std::string_view(name).substr(1, name.size() - 2), metric.lines, append_latest);
  }
  metrics.end();
  object.time("from", latest.from);
  object.stats(latest.stats);
  object.end();
  return out;
}

}  // namespace penstock::query
