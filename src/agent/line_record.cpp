#include "agent/line_record.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "agent/line_time.hpp"
#include "agent/proc_text.hpp"
#include "base/unicode.hpp"
#include "penstock/core/record.hpp"

namespace penstock::agent {
namespace {

void append_member(std::string& out, std::string_view name, std::string_view text) {
  if (!out.ends_with('{')) out += ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, text);
}

void append_members(std::string& out, std::string_view name, const std::vector<std::pair<std::string, std::string>>& members) {
  if (members.empty()) return;
  if (!out.ends_with('{')) out += ',';
  append_json_string(out, name);
  out += ":{";
  for (const auto& [key, value] : members) append_member(out, key, value);
  out += '}';
}

bool has_any(const nlohmann::json& object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (object.contains(name)) return true;
  }
  return false;
}

// A JSON object goes as its author wrote it, down to the digits of its numbers; what the options add is put before its members.
bool append_json_line(std::string& out, std::string_view line, const SendOptions& options) {
  const nlohmann::json record = nlohmann::json::parse(line, nullptr, false);
  if (!record.is_object()) return false;
  std::string added = "{";
  if (!options.source.empty() && !has_any(record, {"source", "host", "hostname", "service", "logger"})) append_member(added, "source", options.source);
  if (!options.metrics && !options.severity.empty() && !has_any(record, {"severity", "level", "lvl"})) {
    append_member(added, "severity", options.severity);
  }
  for (const auto& [name, value] : options.fields) {
    if (!record.contains(name)) append_member(added, name, value);
  }
  out += added;
  const std::size_t brace = line.find('{');
  if (added.size() > 1 && !record.empty()) out += ',';
  out += line.substr(brace + 1);
  out += '\n';
  return true;
}

void append_text_log(std::string& out, std::string_view line, const SendOptions& options, Timestamp now) {
  out += '{';
  if (options.line_time) {
    if (const auto time = line_time(line, now)) append_member(out, "timestamp", format_rfc3339(*time));
  }
  if (!options.source.empty()) append_member(out, "source", options.source);
  if (!options.severity.empty()) append_member(out, "severity", options.severity);
  std::string repaired;
  if (clean_utf8_prefix(line) != line.size()) {
    append_repaired_utf8(repaired, line);
    line = repaired;
  }
  append_member(out, "message", line);
  append_members(out, "fields", options.fields);
  out += "}\n";
}

bool is_for_json(std::string_view line, const SendOptions& options) {
  const std::size_t first = line.find_first_not_of(" \t");
  const bool braced = first != std::string_view::npos && line[first] == '{';
  return options.format == LineFormat::json || (options.format == LineFormat::detect && braced);
}

bool append_text_point(std::string& out, std::string_view line, const SendOptions& options) {
  auto words = words_of(line);
  // "name=value" as well.
  if (words.size() == 1) {
    const std::size_t equals = words[0].rfind('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view word = words[0];
    words = {word.substr(0, equals), word.substr(equals + 1)};
  }
  if (words.size() < 2 || words.size() > 3 || words[0].empty()) return false;
  const auto value = to_real(words[1]);
  if (!value || !std::isfinite(*value)) return false;
  out += '{';
  if (!options.source.empty()) append_member(out, "source", options.source);
  if (words.size() == 3) append_member(out, "timestamp", words[2]);
  append_members(out, "labels", options.fields);
  append_member(out, "name", words[0]);
  out += ",\"value\":";
  append_json(out, FieldValue::of(*value));
  out += "}\n";
  return true;
}

}  // namespace

std::optional<std::string> append_line_record(std::string& out, std::string_view line, const SendOptions& options,
                                              Timestamp now) {
  if (is_for_json(line, options)) {
    if (append_json_line(out, line, options)) return std::nullopt;
    if (options.format == LineFormat::json || options.metrics) return "this line is not a JSON object";
  }
  if (!options.metrics) {
    append_text_log(out, line, options, now);
    return std::nullopt;
  }
  if (append_text_point(out, line, options)) return std::nullopt;
  return "this line is no metric: give JSON or \"name value [timestamp]\"";
}

bool goes_whole(std::string_view line, const SendOptions& options) { return options.metrics || is_for_json(line, options); }

std::size_t record_part(std::string_view line, const SendOptions& options) {
  constexpr std::size_t kMost = 128 << 10;  // a control character becomes six
  if (line.size() <= kMost || goes_whole(line, options)) return line.size();
  return whole_characters(line, kMost);
}

void LineCutter::add(std::string_view bytes) {
  bytes_.erase(0, at_);
  at_ = 0;
  bytes_ += bytes;
}

bool LineCutter::next(Part& part) {
  const std::string_view rest = std::string_view(bytes_).substr(at_);
  const std::size_t newline = rest.find('\n');
  const bool whole = newline != std::string_view::npos || ended_;
  // A CR that is the line end's may still follow.
  if (rest.empty() || (!whole && rest.size() <= longest_ + 1)) return false;
  std::string_view text = rest.substr(0, newline);
  if (whole && text.ends_with('\r')) text.remove_suffix(1);
  part = {text, first_, true};
  if (whole && text.size() <= longest_) {
    at_ += std::min(newline, rest.size() - 1) + 1;
    first_ = true;
    return true;
  }
  part.text = text.substr(0, std::max<std::size_t>(whole_characters(text, longest_), 1));
  part.last = false;
  at_ += part.text.size();
  first_ = false;
  return true;
}

}  // namespace penstock::agent
