#include "query/json.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace penstock::query {
namespace {

void append_key(std::string& out, std::string_view key) {
  append_json_string(out, key);
  out += ':';
}

// Names that a record carries more than once give an array of their values.
void append_repeated(std::string& out, std::span<const FieldView> fields) {
  std::unordered_set<std::string_view> done;
  bool first = true;
  for (const auto& field : fields) {
    if (!done.insert(field.name).second) continue;
    if (!first) out += ',';
    first = false;
    append_key(out, field.name);
    const auto count =
        std::count_if(fields.begin(), fields.end(), [&](const FieldView& f) { return f.name == field.name; });
    if (count == 1) {
      append_json(out, field.value);
      continue;
    }
    char open = '[';
    for (const auto& same : fields) {
      if (same.name != field.name) continue;
      out += open;
      open = ',';
      append_json(out, same.value);
    }
    out += ']';
  }
}

bool has_repeats(std::span<const FieldView> fields) {
  if (fields.size() <= 16) {
    for (std::size_t i = 1; i < fields.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (fields[i].name == fields[j].name) return true;
      }
    }
    return false;
  }
  std::unordered_set<std::string_view> seen;
  return std::any_of(fields.begin(), fields.end(), [&](const FieldView& f) { return !seen.insert(f.name).second; });
}

void append_rows(std::string& out, const std::vector<LogRow>& rows) {
  out += '[';
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) out += ',';
    append_log_json(out, rows[i]);
  }
  out += ']';
}

// {"count","min","max","avg","p50","p90","p95","p99","ranges":[{"from","to","count"},…]}; a range without an end has no "to".
void append_numbers(std::string& out, const Facets::Numbers& numbers) {
  const auto member = [&out](std::string_view name, double value) {
    append_key(out, name);
    append_json(out, FieldValue::of(value));
  };
  out += "{\"count\":" + std::to_string(numbers.count) + ',';
  bool first = true;
  for (const auto& [name, value] : {std::pair{"min", numbers.min}, {"max", numbers.max}, {"avg", numbers.avg}, {"p50", numbers.p50},
                                    {"p90", numbers.p90}, {"p95", numbers.p95}, {"p99", numbers.p99}}) {
    if (!first) out += ',';
    first = false;
    member(name, value);
  }
  out += ",\"ranges\":[";
  for (std::size_t i = 0; i < numbers.ranges.size(); ++i) {
    const auto& range = numbers.ranges[i];
    out += i > 0 ? ",{" : "{";
    member("from", range.from);
    if (range.to) {
      out += ',';
      member("to", *range.to);
    }
    out += ",\"count\":" + std::to_string(range.count) + '}';
  }
  out += "]}";
}

}  // namespace

void append_time(std::string& out, Timestamp time) {
  out += '"';
  append_rfc3339(out, time);
  out += '"';
}

void append_fields_json(std::string& out, std::span<const FieldView> fields) {
  out += '{';
  if (has_repeats(fields)) {
    append_repeated(out, fields);
  } else {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out += ',';
      append_key(out, fields[i].name);
      append_json(out, fields[i].value);
    }
  }
  out += '}';
}

void append_log_json(std::string& out, RecordId id, const LogView& log) {
  out += "{\"id\":\"";
  out += to_string(id);
  out += "\",\"timestamp\":";
  append_time(out, log.timestamp);
  out += ",\"received_at\":";
  append_time(out, log.received_at);
  out += ",\"deployment\":";
  append_json_string(out, log.deployment);
  out += ",\"source\":";
  append_json_string(out, log.source);
  out += ",\"severity\":\"";
  out += severity_name(log.severity);
  out += "\",\"message\":";
  append_json_string(out, log.message);
  out += ",\"fields\":";
  append_fields_json(out, log.fields);
  out += '}';
}

void append_log_json(std::string& out, const LogRow& row) {
  std::vector<FieldView> scratch;
  append_log_json(out, row.id, row.view(scratch));
}

void append_stats_json(std::string& out, const Stats& stats) {
  out += "{\"chunks_read\":" + std::to_string(stats.chunks_read);
  out += ",\"bytes_read\":" + std::to_string(stats.bytes_read);
  out += ",\"records_scanned\":" + std::to_string(stats.records_scanned);
  out += ",\"elapsed_ms\":" + std::to_string(stats.elapsed_ms);
  out += stats.partial ? ",\"partial\":true}" : ",\"partial\":false}";
}

std::string to_json(const LogPage& page) {
  std::string out = "{\"records\":";
  append_rows(out, page.records);
  out += ",\"cursor\":";
  if (page.cursor.empty()) {
    out += "null";
  } else {
    append_json_string(out, page.cursor);
  }
  out += ",\"stats\":";
  append_stats_json(out, page.stats);
  out += '}';
  return out;
}

void append_severity_counts(std::string& out, const std::array<std::uint64_t, kSeverityCount>& counts) {
  out += '{';
  bool first = true;
  for (std::size_t s = 0; s < kSeverityCount; ++s) {
    if (counts[s] == 0) continue;
    if (!first) out += ',';
    first = false;
    append_key(out, severity_name(static_cast<Severity>(s)));
    out += std::to_string(counts[s]);
  }
  out += '}';
}

void append_buckets(std::string& out, const std::vector<LogHistogram::Bucket>& buckets) {
  out += '[';
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    std::uint64_t total = 0;
    for (const auto count : buckets[i].counts) total += count;
    out += i > 0 ? ",{\"time\":" : "{\"time\":";
    append_time(out, buckets[i].time);
    out += ",\"total\":" + std::to_string(total) + ",\"counts\":";
    append_severity_counts(out, buckets[i].counts);
    out += '}';
  }
  out += ']';
}

std::string to_json(const LogHistogram& histogram) {
  std::string out = "{\"from\":";
  append_time(out, histogram.from);
  out += ",\"to\":";
  append_time(out, histogram.to);
  out += ",\"step_ms\":" + std::to_string(histogram.step_ns / 1'000'000) + ",\"buckets\":";
  append_buckets(out, histogram.buckets);
  out += ",\"stats\":";
  append_stats_json(out, histogram.stats);
  out += '}';
  return out;
}

std::string to_json(const Facets& facets) {
  std::string out = "{\"field\":";
  append_json_string(out, facets.field);
  out += ",\"values\":[";
  for (std::size_t i = 0; i < facets.values.size(); ++i) {
    out += i > 0 ? ",{\"value\":" : "{\"value\":";
    append_json_string(out, facets.values[i].value);
    out += ",\"count\":" + std::to_string(facets.values[i].count) + '}';
  }
  out += "],\"missing\":" + std::to_string(facets.missing) + ",\"other\":" + std::to_string(facets.other);
  if (facets.numbers) {
    out += ",\"numbers\":";
    append_numbers(out, *facets.numbers);
  }
  out += facets.approximate ? ",\"approximate\":true,\"stats\":" : ",\"approximate\":false,\"stats\":";
  append_stats_json(out, facets.stats);
  out += '}';
  return out;
}

std::string_view field_type_name(FieldType type) {
  switch (type) {
    case FieldType::string: return "string";
    case FieldType::integer: return "integer";
    case FieldType::real: return "number";
    case FieldType::boolean: return "boolean";
    case FieldType::null: return "null";
    case FieldType::json: return "json";
  }
  return "json";
}

std::string to_json(const FieldList& fields) {
  std::string out = "{\"fields\":[";
  for (std::size_t i = 0; i < fields.fields.size(); ++i) {
    const auto& field = fields.fields[i];
    out += i > 0 ? ",{\"name\":" : "{\"name\":";
    append_json_string(out, field.name);
    out += ",\"types\":[";
    for (std::size_t t = 0; t < field.types.size(); ++t) {
      if (t > 0) out += ',';
      append_json_string(out, field_type_name(field.types[t]));
    }
    out += "],\"count\":" + std::to_string(field.count) + '}';
  }
  out += fields.approximate ? "],\"approximate\":true,\"stats\":" : "],\"approximate\":false,\"stats\":";
  append_stats_json(out, fields.stats);
  out += '}';
  return out;
}

std::string to_json(const LogContext& context) {
  std::string out = "{\"before\":";
  append_rows(out, context.before);
  out += ",\"record\":";
  append_log_json(out, context.record);
  out += ",\"after\":";
  append_rows(out, context.after);
  out += ",\"stats\":";
  append_stats_json(out, context.stats);
  out += '}';
  return out;
}

std::string to_json(const Removed& removed) {
  std::string out = "{\"deleted\":" + std::to_string(removed.count) + ",\"receipts\":[";
  for (const Removed::Part& part : removed.parts) {
    if (!out.ends_with('[')) out += ',';
    out += "{\"id\":" + std::to_string(part.id) + ",\"deployment\":";
    append_json_string(out, part.deployment);
    out += ",\"deleted\":" + std::to_string(part.count) + '}';
  }
  return out += "]}";
}

std::string gap_json(std::uint64_t skipped) { return "{\"skipped\":" + std::to_string(skipped) + '}'; }

}  // namespace penstock::query
