#include "journal/record_text.hpp"

#include <array>
#include <cstdio>

namespace penstock::journal {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void append_start(std::string& out, Timestamp time, std::string_view deployment, std::string_view source) {
  out += "{\"timestamp\":\"";
  append_rfc3339(out, time);
  out += '"';
  append_member(out, "deployment", deployment);
  append_member(out, "source", source);
}

void append_log(std::string& out, const LogView& log) {
  append_start(out, log.timestamp, log.deployment, log.source);
  append_member(out, "severity", severity_name(log.severity));
  append_member(out, "message", log.message);
  char separator = '{';
  for (const FieldView& field : log.fields) {
    out += separator == '{' ? ",\"fields\":{" : ",";
    separator = ',';
    append_json_string(out, field.name);
    out += ':';
    append_json(out, field.value);
  }
  out += separator == '{' ? "}" : "}}";
}

void append_point(std::string& out, const PointView& point) {
  append_start(out, point.timestamp, point.deployment, point.source);
  char separator = '{';
  for (const LabelView& label : point.labels) {
    out += separator == '{' ? ",\"labels\":{" : ",";
    separator = ',';
    append_json_string(out, label.name);
    out += ':';
    append_json_string(out, label.value);
  }
  if (separator == ',') out += '}';
  out += ",\"metrics\":";
  separator = '{';
  for (const SampleView& sample : point.samples) {
    out += separator;
    separator = ',';
    append_json_string(out, sample.name);
    out += ':';
    append_json(out, FieldValue::of(sample.value));
  }
  out += "}}";
}

std::string range(Sequence first, std::uint64_t count) {
  return std::to_string(first) + ".." + std::to_string(first + count - 1);
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

void append_sendable(std::string& out, const RecordView& record) {
  if (record.kind == RecordKind::log) {
    append_log(out, record.log);
  } else {
    append_point(out, record.point);
  }
}

Result<void> append_dump(std::string& out, const WalkedFrame& walked, Sequence from, std::uint64_t& records) {
  const FrameHeader& header = walked.header;
  out += "frame " + range(header.first, header.count) + "  " + std::to_string(header.batches) + " batches, " +
         std::to_string(header.payload_bytes) + " B stored, " + std::to_string(header.plain_bytes) + " B plain, committed ";
  append_rfc3339(out, header.committed_at);
  out += "  " + file_name(walked.file) + " at " + std::to_string(walked.offset) + '\n';
  for (const Frame::Batch& batch : walked.frame.batches) {
    out += "  batch " + range(batch.first, batch.count) + "  " + std::to_string(batch.bytes.size()) + " B";
    const auto entry = BatchReader::idempotency(batch.bytes);
    if (entry && *entry) {
      std::array<char, 40> key{};
      std::snprintf(key.data(), key.size(), "%016llx%016llx", static_cast<unsigned long long>((*entry)->key_hi),
                    static_cast<unsigned long long>((*entry)->key_lo));
      out += std::string(", idempotency key ") + key.data();
    }
    out += '\n';
    BatchReader reader(batch.bytes);
    RecordView record;
    while (records > 0 && reader.next(record)) {
      const Sequence sequence = batch.first + record.index;
      if (sequence < from) continue;
      --records;
      out += "    " + std::to_string(sequence) + (record.kind == RecordKind::log ? " log " : " point ");
      append_sendable(out, record);
      out += '\n';
    }
    if (reader.error() != nullptr) return *reader.error();
  }
  return {};
}

}  // namespace penstock::journal
