#include "agent/line_record.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "agent/line_time.hpp"
#include "agent/proc_text.hpp"
#include "base/unicode.hpp"
#include "decode/registry.hpp"
#include "penstock/core/record.hpp"
#include "penstock/ports/decoder.hpp"

namespace penstock::agent {
namespace {

constexpr std::size_t kMostText = 128 << 10;  // of a record: a control character becomes six

void append_name(std::string& out, std::string_view name) {
  if (!out.ends_with('{')) out += ',';
  append_json_string(out, name);
  out += ':';
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  append_name(out, name);
  append_json_string(out, text);
}

void append_members(std::string& out, std::string_view name, const std::vector<std::pair<std::string, std::string>>& members) {
  if (members.empty()) return;
  append_name(out, name);
  out += '{';
  for (const auto& [key, value] : members) append_member(out, key, value);
  out += '}';
}

DecodeOptions decode_options(const LineOptions& options, RecordKind kind) {
  DecodeOptions decode;
  decode.kind = kind;
  decode.message_field = options.message_field;
  decode.time_field = options.time_field;
  decode.severity_field = options.severity_field;
  decode.source_field = options.source_field;
  return decode;
}

// Writes the one record that a line of JSON is. What the decoder has read is written under the canonical names, so that the server reads the same,
// and an addition of ours meets no name of the line's own.
class JsonRecord : public RecordReceiver {
 public:
  JsonRecord(const LogLine& line, const RecordOptions& options, Timestamp now) : line_(line), options_(options), now_(now) {}

  // False: the line is no record.
  bool append_to(std::string& out) {
    const Result<void> read = decode::find("json")->decode(line_.text, decode_options(options_.lines, RecordKind::log), *this);
    if (!read || count_ != 1 || refused_) return false;
    out += record_;
    return true;
  }

  void log(std::size_t, const DecodedLog& log) override {
    if (count_++ > 0) return;
    record_ = "{";
    const bool ahead = options_.followed && log.timestamp && log.timestamp->ns > now_.ns + kFarthestAhead;
    std::optional<Timestamp> time = ahead ? std::nullopt : log.timestamp;
    if (!time) time = line_.time;
    if (!time && options_.followed) time = now_;
    if (time) append_member(record_, "timestamp", format_rfc3339(*time));
    if (!log.deployment.empty() && !options_.followed) append_member(record_, "deployment", log.deployment);
    const std::string_view source = log.source.empty() ? options_.source : log.source;
    if (!source.empty()) append_member(record_, "source", source);
    if (log.severity) {
      append_member(record_, "severity", severity_name(*log.severity));
    } else if (!options_.severity.empty()) {
      append_member(record_, "severity", options_.severity);
    }
    append_member(record_, "message", log.message);
    std::string fields = "{";
    const auto add = [&](std::string_view name, std::string_view text) {
      const bool there = std::any_of(log.fields.begin(), log.fields.end(), [name](const FieldView& field) { return field.name == name; });
      if (!there && !text.empty()) append_member(fields, name, text);
    };
    for (const FieldView& field : log.fields) {
      append_name(fields, field.name);
      append_json(fields, field.value);
    }
    if (options_.followed) add("deployment", log.deployment);
    if (ahead) add("timestamp", format_rfc3339(*log.timestamp));
    add("stream", line_.stream);
    for (const auto& [name, value] : options_.fields) add(name, value);
    if (fields.size() > 1) {
      append_name(record_, "fields");
      record_ += fields += '}';
    }
    record_ += "}\n";
  }
  void point(std::size_t, const DecodedPoint&) override { refused_ = true; }
  void reject(std::size_t, Error) override { refused_ = true; }

 private:
  const LogLine& line_;
  const RecordOptions& options_;
  Timestamp now_;
  std::string record_;
  std::size_t count_ = 0;
  bool refused_ = false;
};

// Whether a point names its source.
class PointSource : public RecordReceiver {
 public:
  void log(std::size_t, const DecodedLog&) override {}
  void point(std::size_t, const DecodedPoint& point) override { named = !point.source.empty(); }
  void reject(std::size_t, Error) override {}
  bool named = false;
};

// A point in JSON goes as its author wrote it, down to the digits of its numbers; what the options add is put before its members.
bool append_json_point(std::string& out, std::string_view line, const RecordOptions& options) {
  const nlohmann::json record = nlohmann::json::parse(line, nullptr, false);
  if (!record.is_object()) return false;
  std::string added = "{";
  if (!options.source.empty()) {
    PointSource source;
    static_cast<void>(decode::find("json")->decode(line, decode_options(options.lines, RecordKind::metric), source));
    if (!source.named) append_member(added, "source", options.source);
  }
  for (const auto& [name, value] : options.fields) {
    if (!record.contains(name)) append_member(added, name, value);
  }
  out += added;
  if (added.size() > 1 && !record.empty()) out += ',';
  out += line.substr(line.find('{') + 1);
  out += '\n';
  return true;
}

void append_text_log(std::string& out, std::string_view text, const std::optional<Timestamp>& time, const std::string& stream, const RecordOptions& options) {
  out += '{';
  if (time) append_member(out, "timestamp", format_rfc3339(*time));
  if (!options.source.empty()) append_member(out, "source", options.source);
  if (!options.severity.empty()) append_member(out, "severity", options.severity);
  std::string repaired;
  if (clean_utf8_prefix(text) != text.size()) {
    append_repaired_utf8(repaired, text);
    text = repaired;
  }
  append_member(out, "message", text);
  if (stream.empty()) {
    append_members(out, "fields", options.fields);
  } else {
    auto fields = options.fields;
    fields.emplace_back("stream", stream);
    append_members(out, "fields", fields);
  }
  out += "}\n";
}

bool append_text_point(std::string& out, std::string_view line, const RecordOptions& options) {
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

std::optional<std::string> append_line_records(std::string& out, std::vector<std::size_t>& starts, const LogLine& line, const RecordOptions& options,
                                               Timestamp now) {
  if (is_for_json(line.text, options.lines)) {
    const std::size_t start = out.size();
    if (JsonRecord(line, options, now).append_to(out)) {
      starts.push_back(start);
      return std::nullopt;
    }
    if (options.lines.format == LineFormat::json) return "this line is not a JSON object that holds a record";
  }
  std::optional<Timestamp> time = options.lines.line_time ? line_time(line.text, now) : std::nullopt;
  if (!time) time = line.time;
  if (!time && options.followed) time = now;
  for (std::string_view rest = line.text; !rest.empty();) {
    const std::string_view part = rest.substr(0, rest.size() <= kMostText ? rest.size() : whole_characters(rest, kMostText));
    rest.remove_prefix(part.size());
    starts.push_back(out.size());
    append_text_log(out, part, time, line.stream, options);
  }
  return std::nullopt;
}

std::optional<std::string> append_line_point(std::string& out, std::string_view line, const RecordOptions& options) {
  if (is_for_json(line, options.lines)) return append_json_point(out, line, options) ? std::nullopt : std::optional<std::string>("this line is not a JSON object");
  if (append_text_point(out, line, options)) return std::nullopt;
  return "this line is no metric: give JSON or \"name value [timestamp]\"";
}

bool is_for_json(std::string_view line, const LineOptions& options) {
  const std::size_t first = line.find_first_not_of(" \t");
  const bool braced = first != std::string_view::npos && line[first] == '{';
  return options.format == LineFormat::json || (options.format == LineFormat::detect && braced);
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
