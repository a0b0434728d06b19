#include "decode/log_reader.hpp"

#include <string>

#include "decode/json_text.hpp"
#include "decode/unique_names.hpp"

namespace penstock::decode {
namespace {

FieldValue field_value(const Value& value) {
  switch (value.kind) {
    case ValueKind::null: return FieldValue::none();
    case ValueKind::boolean: return FieldValue::of(value.text == "true");
    case ValueKind::integer: return number_value(value.text, true);
    case ValueKind::real: return number_value(value.text, false);
    case ValueKind::string: return FieldValue::of(value.text);
    case ValueKind::object:
    case ValueKind::array: return FieldValue::of_json(value.text);
  }
  return FieldValue::none();
}

// The numbers of pino and bunyan, which everybody sends as "level": 30.
std::optional<Severity> severity_of_ten(std::string_view text) {
  if (text.size() != 2 || text[1] != '0' || text[0] < '1' || text[0] > '6') return std::nullopt;
  constexpr Severity kByTen[] = {Severity::trace, Severity::debug, Severity::info, Severity::warn, Severity::error, Severity::fatal};
  return kByTen[text[0] - '1'];
}

}  // namespace

bool LogReader::member(TokenCursor& cursor, std::string_view key) {
  const Claim told = claim(key);
  if (told.role == Role::none) return field(cursor, key, 1);
  if (told.role == Role::fields) return fields_object(cursor, key);
  return claimed(cursor, key, told);
}

bool LogReader::fields_object(TokenCursor& cursor, std::string_view key) {
  if (cursor.peek() == '{') {
    return cursor.object([&](std::string_view name) { return field(cursor, name, 2); });
  }
  Value value;
  if (cursor.peek() == '[') {
    // PHP writes an empty map as [].
    if (!json_text(cursor, key, 1, value.text)) return false;
    if (value.text.find_first_not_of("[] ") == std::string_view::npos && value.text.find('[', 1) == std::string_view::npos) return true;
  } else {
    if (!cursor.scalar(value)) return false;
    if (value.kind == ValueKind::null) return true;
  }
  refuse(ErrorCode::invalid_type, key, "fields must be an object of names and values.");
  return true;
}

bool LogReader::field(TokenCursor& cursor, std::string_view key, std::size_t depth) {
  const char c = cursor.peek();
  if (c == '{') {
    if (depth >= max_depth_ || refused()) {
      std::string_view ignored;
      return json_text(cursor, key, depth, ignored);
    }
    std::string& path = workspace_.path;
    const std::size_t length = path.size();
    if (length + 1 + key.size() > kMaxNameBytes) {
      dotted(key);
      std::string_view ignored;
      return json_text(cursor, key, depth, ignored);
    }
    if (!path.empty()) path += '.';
    path += key;
    bool empty = true;
    const bool read = cursor.object([&](std::string_view name) {
      empty = false;
      return field(cursor, name, depth + 1);
    });
    if (read && empty) add(workspace_.arena.copy(path), FieldValue::of_json("{}"));
    path.resize(length);
    return read;
  }
  Value value;
  if (c == '[') {
    value.kind = ValueKind::array;
    if (!json_text(cursor, key, depth, value.text)) return false;
    if (refused()) return true;
  } else if (!cursor.scalar(value)) {
    return false;
  }
  const std::string_view name = dotted(key);
  if (overrides_.dotted() && !workspace_.path.empty()) {
    const Claim told = overrides_.claim_of(name);
    if (told.role != Role::none && value.kind != ValueKind::null && value.kind != ValueKind::boolean && value.kind != ValueKind::array) {
      offer(name, value, told);
      return true;
    }
  }
  add(name, field_value(value));
  return true;
}

void LogReader::keep(std::string_view key, const Value& value) { add(key, field_value(value)); }

void LogReader::add(std::string_view name, const FieldValue& value) {
  if (workspace_.fields.size() < options_.max_fields) {
    workspace_.fields.push_back({name, value});
    return;
  }
  refuse(ErrorCode::too_many_fields, name, "The record has more than " + std::to_string(options_.max_fields) + " fields.");
}

std::optional<Severity> LogReader::severity() {
  const Slot& held = slot(Role::severity);
  if (!held.taken || held.value.text.empty()) return std::nullopt;
  std::optional<Severity> severity = parse_severity(held.value.text);
  if (!severity && held.value.kind == ValueKind::integer) severity = severity_of_ten(held.value.text);
  if (severity) return severity;
  if (held.rank <= kCanonicalRank && !event_) {
    refuse(ErrorCode::invalid_severity, held.key,
           "This is not a severity: give TRACE, DEBUG, INFO, NOTICE, WARN, ERROR, FATAL or a syslog number from 0 to 7.");
  } else {
    keep(held.key, held.value);
  }
  return std::nullopt;
}

void LogReader::finish(std::size_t index, std::size_t wire_bytes) {
  DecodedLog log;
  const Slot& when = slot(Role::time);
  if (event_ && when.taken && !parse_timestamp(when.value.text)) {
    keep(when.key, when.value);
  } else {
    log.timestamp = time();
  }
  log.severity = severity();
  if (!slot(Role::message).taken && !event_) {
    refuse(ErrorCode::missing_field, "message", "A log needs a message (or msg, _msg, log, body, or what message_field names).");
  }
  if (refused()) return;
  keep_last_of_equal_names(workspace_.fields, workspace_.order);
  log.deployment = text_of(Role::deployment);
  log.source = text_of(Role::source);
  log.message = text_of(Role::message);
  log.fields = workspace_.fields;
  log.wire_bytes = wire_bytes;
  receiver_.log(index, log);
}

}  // namespace penstock::decode
