#include <charconv>
#include <cmath>
#include <limits>

#include "base/hex.hpp"
#include "query/json.hpp"

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

void append_strings(std::string& out, const std::vector<std::string>& items) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, items[i]);
  }
  out += ']';
}

// Rounds towards the past, also before 1970.
std::int64_t to_ms(Timestamp time) {
  const std::int64_t ms = time.ns / 1'000'000;
  return time.ns % 1'000'000 < 0 ? ms - 1 : ms;
}

void append_values(std::string& out, const RangeResult::Values& values) {
  out += '[';
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) out += ',';
    append_number(out, values[i].value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  out += ']';
}

void append_line(std::string& out, const RangeResult& range, const RangeResult::Line& line) {
  out += '{';
  if (line.deployment) {
    out += "\"deployment\":";
    append_json_string(out, *line.deployment);
    out += ',';
  }
  out += "\"labels\":";
  out += labels_to_json(line.labels);
  if (line.rank) {
    out += ",\"rank\":";
    append_number(out, *line.rank);
  }
  out += ",\"points\":[";
  for (std::size_t p = 0; p < line.values().size(); ++p) {
    if (p > 0) out += ',';
    out += '[' + std::to_string(to_ms(Timestamp{range.from.ns + static_cast<std::int64_t>(p) * range.step_ns})) + ',';
    append_number(out, line.values()[p].value_or(std::numeric_limits<double>::quiet_NaN()));
    out += ']';
  }
  out += ']';
  if (range.aggregates.size() > 1) {
    out += ",\"aggregates\":{";
    for (std::size_t a = 0; a < range.aggregates.size(); ++a) {
      if (a > 0) out += ',';
      append_json_string(out, aggregate_name(range.aggregates[a]));
      out += ':';
      append_values(out, line.by_aggregate[a]);
    }
    out += '}';
  }
  out += '}';
}

}  // namespace

std::string to_json(const MetricList& metrics) {
  std::string out = "{\"metrics\":[";
  for (std::size_t i = 0; i < metrics.metrics.size(); ++i) {
    const auto& metric = metrics.metrics[i];
    out += i > 0 ? ",{\"name\":" : "{\"name\":";
    append_json_string(out, metric.name);
    out += ",\"unit\":";
    append_json_string(out, metric.unit);
    out += ",\"labels\":";
    append_strings(out, metric.labels);
    out += ",\"series\":" + std::to_string(metric.series) + '}';
  }
  out += "],\"stats\":";
  append_stats_json(out, metrics.stats);
  out += '}';
  return out;
}

std::string to_json(const SeriesList& list) {
  std::string out = "{\"series\":[";
  for (std::size_t i = 0; i < list.series.size(); ++i) {
    const auto& series = list.series[i];
    out += i > 0 ? ",{\"id\":\"" : "{\"id\":\"";
    append_hex(out, series.id);
    out += "\",\"name\":";
    append_json_string(out, series.name);
    out += ",\"deployment\":";
    append_json_string(out, series.deployment);
    out += ",\"labels\":";
    out += labels_to_json(series.labels);
    out += '}';
  }
  out += list.truncated ? "],\"truncated\":true,\"stats\":" : "],\"truncated\":false,\"stats\":";
  append_stats_json(out, list.stats);
  out += '}';
  return out;
}

// {"name","agg","aggs":[…],"from","to","step_ms","series":[{"deployment","labels","rank","points":[[ms,value],…],
// "aggregates":{"avg":[value,…],…}}],"series_total","rest":{"series","min":[value,…],"max":[value,…]},"stats"}.
// `points` are those of the first aggregate. `aggregates` is there when several were asked for and holds each of them;
// there and in `rest` stands one value a step, in the order of `points`. `rank` and `rest` come with `top`.
std::string to_json(const RangeResult& range) {
  std::string out = "{\"name\":";
  append_json_string(out, range.name);
  out += ",\"agg\":";
  append_json_string(out, aggregate_name(range.aggregates.front()));
  out += ",\"aggs\":[";
  for (std::size_t i = 0; i < range.aggregates.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, aggregate_name(range.aggregates[i]));
  }
  out += "],\"from\":";
  append_time(out, range.from);
  out += ",\"to\":";
  append_time(out, range.to);
  out += ",\"step_ms\":" + std::to_string(range.step_ns / 1'000'000) + ",\"series\":[";
  for (std::size_t i = 0; i < range.series.size(); ++i) {
    if (i > 0) out += ',';
    append_line(out, range, range.series[i]);
  }
  out += "],\"series_total\":" + std::to_string(range.series_total);
  if (range.rest) {
    out += ",\"rest\":{\"series\":" + std::to_string(range.rest->series) + ",\"min\":";
    append_values(out, range.rest->min);
    out += ",\"max\":";
    append_values(out, range.rest->max);
    out += '}';
  }
  out += ",\"stats\":";
  append_stats_json(out, range.stats);
  out += '}';
  return out;
}

std::string to_json(const LatestResult& latest) {
  std::string out = "{\"metrics\":{";
  for (std::size_t m = 0; m < latest.metrics.size(); ++m) {
    const auto& metric = latest.metrics[m];
    if (m > 0) out += ',';
    append_json_string(out, metric.name);
    out += ":[";
    for (std::size_t i = 0; i < metric.lines.size(); ++i) {
      const auto& line = metric.lines[i];
      out += i > 0 ? ",{\"deployment\":" : "{\"deployment\":";
      append_json_string(out, line.series.deployment);
      out += ",\"labels\":";
      out += labels_to_json(line.series.labels);
      out += ",\"points\":[";
      for (std::size_t p = 0; p < line.points.size(); ++p) {
        if (p > 0) out += ',';
        out += '[' + std::to_string(to_ms(line.points[p].time)) + ',';
        append_number(out, line.points[p].value);
        out += ']';
      }
      out += "]}";
    }
    out += ']';
  }
  out += "},\"from\":";
  append_time(out, latest.from);
  out += ",\"stats\":";
  append_stats_json(out, latest.stats);
  out += '}';
  return out;
}

}  // namespace penstock::query
