#include "query/csv.hpp"

#include "base/unicode.hpp"
#include "query/json.hpp"

namespace penstock::query {

std::string csv_header() { return "timestamp,received_at,deployment,source,severity,message,fields,id\r\n"; }

void append_csv_cell(std::string& out, std::string_view given) {
  std::string repaired;
  if (clean_utf8_prefix(given) != given.size()) append_repaired_utf8(repaired, given);
  const std::string_view text = repaired.empty() ? given : std::string_view(repaired);
  const bool formula = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  if (formula) out += '\'';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv(std::string& out, const LogRow& row) {
  append_rfc3339(out, row.timestamp);
  out += ',';
  append_rfc3339(out, row.received_at);
  out += ',';
  append_csv_cell(out, row.deployment);
  out += ',';
  append_csv_cell(out, row.source);
  out += ',';
  out += severity_name(row.severity);
  out += ',';
  append_csv_cell(out, row.message);
  out += ',';
  if (!row.fields.empty()) {
    std::vector<FieldView> scratch;
    std::string json;
    append_fields_json(json, row.view(scratch).fields);
    append_csv_cell(out, json);
  }
  out += ',';
  out += to_string(row.id);
  out += "\r\n";
}

}  // namespace penstock::query
