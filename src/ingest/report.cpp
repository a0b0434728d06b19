#include "ingest/report.hpp"

#include "penstock/core/record.hpp"

namespace penstock::ingest {

void append_json_members(std::string& out, const IngestReport& report) {
  out += "\"accepted\":";
  out += std::to_string(report.accepted);
  out += ",\"rejected\":";
  out += std::to_string(report.rejected);
  out += ",\"errors\":[";
  bool first = true;
  for (const RejectedRecord& rejected : report.errors) {
    if (!first) out += ',';
    first = false;
    out += "{\"index\":";
    out += std::to_string(rejected.index);
    if (!rejected.error.field.empty()) {
      out += ",\"field\":";
      append_json_string(out, rejected.error.field);
    }
    out += ",\"code\":\"";
    out += error_name(rejected.error.code);
    out += "\",\"message\":";
    append_json_string(out, rejected.error.message);
    out += '}';
  }
  out += ']';
}

std::string to_json(const IngestReport& report) {
  std::string out = "{";
  append_json_members(out, report);
  out += '}';
  return out;
}

}  // namespace penstock::ingest
