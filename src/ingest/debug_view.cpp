#include "ingest/debug_view.hpp"

#include "penstock/core/batch.hpp"

namespace penstock::ingest {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

template <class Record>
void append_common(std::string& out, const Record& record, std::string_view kind) {
  out += "{\"kind\":";
  append_json_string(out, kind);
  append_member(out, "timestamp", format_rfc3339(record.timestamp));
  append_member(out, "received_at", format_rfc3339(record.received_at));
  append_member(out, "deployment", record.deployment);
  append_member(out, "source", record.source);
}

// {"name":value,…}; `append_value` writes an item's value.
template <class Items, class AppendValue>
void append_object(std::string& out, std::string_view name, const Items& items, AppendValue append_value) {
  out += ",\"";
  out += name;
  out += "\":{";
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, item.name);
    out += ':';
    append_value(item);
  }
  out += '}';
}

void append_log(std::string& out, const LogView& log) {
  append_common(out, log, "log");
  append_member(out, "severity", severity_name(log.severity));
  append_member(out, "message", log.message);
  append_object(out, "fields", log.fields, [&out](const FieldView& field) { append_json(out, field.value); });
  out += '}';
}

void append_point(std::string& out, const PointView& point) {
  append_common(out, point, "metric");
  append_object(out, "labels", point.labels, [&out](const LabelView& label) { append_json_string(out, label.value); });
  append_object(out, "metrics", point.samples, [&out](const SampleView& sample) { append_json(out, FieldValue::of(sample.value)); });
  out += '}';
}

}  // namespace

std::string debug_json(std::string_view batch, const IngestReport& report, std::size_t max_bytes) {
  std::string records;
  bool truncated = false;
  BatchReader reader(batch);
  RecordView record;
  while (reader.next(record)) {
    const std::size_t before = records.size();
    if (before > 0) records += ',';
    if (record.kind == RecordKind::log) {
      append_log(records, record.log);
    } else {
      append_point(records, record.point);
    }
    if (records.size() > max_bytes) {
      records.resize(before);
      truncated = true;
      break;
    }
  }
  std::string out = "{";
  append_json_members(out, report);
  out += truncated ? ",\"truncated\":true,\"records\":[" : ",\"truncated\":false,\"records\":[";
  out += records;
  out += "]}";
  return out;
}

}  // namespace penstock::ingest
