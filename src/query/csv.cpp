#include "query/csv.hpp"

#include <charconv>

#include "base/unicode.hpp"
#include "query/json.hpp"

namespace penstock::query {

std::string csv_header() { return "timestamp,received_at,deployment,source,severity,message,fields,id\r\n"; }

namespace {

// A spreadsheet runs what begins so; but a number is a number, with whatever sign.
bool would_run(std::string_view text) {
  if (text.empty() || std::string_view("=+-@\t\r").find(text.front()) == std::string_view::npos) return false;
  if (text.front() == '+' && !text.starts_with("+-")) text.remove_prefix(1);
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem != std::errc() || end != text.data() + text.size();
}

}  // namespace

void append_csv_cell(std::string& out, std::string_view given, CsvText kind) {
  std::string repaired;
  if (clean_utf8_prefix(given) != given.size()) append_repaired_utf8(repaired, given);
  const std::string_view text = repaired.empty() ? given : std::string_view(repaired);
  const bool formula = kind == CsvText::guarded && would_run(text);
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

void append_csv(std::string& out, const LogRow& row, CsvText kind) {
  append_rfc3339(out, row.timestamp);
  out += ',';
  append_rfc3339(out, row.received_at);
  out += ',';
  append_csv_cell(out, row.deployment, kind);
  out += ',';
  append_csv_cell(out, row.source, kind);
  out += ',';
  out += severity_name(row.severity);
  out += ',';
  append_csv_cell(out, row.message, kind);
  out += ',';
  if (!row.fields.empty()) {
    std::vector<FieldView> scratch;
    std::string json;
    append_fields_json(json, row.view(scratch).fields);
    append_csv_cell(out, json, kind);
  }
  out += ',';
  out += to_string(row.id);
  out += "\r\n";
}

}  // namespace penstock::query
