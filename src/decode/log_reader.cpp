#include "decode/log_reader.hpp"

#include <charconv>
#include <optional>
#include <string>

#include "base/unicode.hpp"
#include "decode/json_text.hpp"
#include "decode/unique_names.hpp"
#include "decode/value_extent.hpp"

namespace penstock::decode {
namespace {

constexpr std::string_view kFieldsRule = "fields must be an object of names and values.";

FieldValue field_value(const Value& value) {
  switch (value.kind) {
    case ValueKind::null: return FieldValue::none();
    case ValueKind::boolean: return FieldValue::of(value.text == "true");
    case ValueKind::integer: return number_value(value.text, true);
    case ValueKind::real: return number_value(value.text, false);
    case ValueKind::no_number:
    case ValueKind::string: return FieldValue::of(value.text);
    case ValueKind::object:
    case ValueKind::array: return FieldValue::of_json(value.text);
  }
  return FieldValue::none();
}

// Of a JSON array whose elements are all numbers from 0 to 255, and at least one.
std::optional<std::string> bytes_of_array(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 1; at < text.size();) {
    at = skip_space(text, at);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), value);
    if (error != std::errc() || value > 255) return std::nullopt;
    bytes += static_cast<char>(value);
    at = skip_space(text, static_cast<std::size_t>(end - text.data()));
    if (text[at] == ']') return bytes;
    if (text[at] != ',') return std::nullopt;
    ++at;
  }
  return std::nullopt;
}

}  // namespace

bool LogReader::member(TokenCursor& cursor, std::string_view key) {
  const Claim told = next_claim(key);
  if (told.role == Role::none) return field(cursor, key, 1);
  if (told.role == Role::fields) return fields_object(cursor, key);
  if (told.role == Role::message) {
    if (cursor.peek() == '"') empty_message_ = true;  // whatever it holds
    if (cursor.peek() == '[') return message_array(cursor, key, told);
  }
  return claimed(cursor, key, told);
}

bool LogReader::message_array(TokenCursor& cursor, std::string_view key, const Claim& claim) {
  Value value;
  value.kind = ValueKind::array;
  if (!json_text(cursor, key, 1, value.text)) return false;
  if (refused()) return true;
  if (const auto bytes = bytes_of_array(value.text)) {
    value.kind = ValueKind::string;
    value.text = workspace_.arena.copy(repaired_utf8(*bytes));
    offer(key, value, claim);
    return true;
  }
  set_aside(claim, key, ValueKind::array);
  add(key, field_value(value));
  return true;
}

bool LogReader::fields_object(TokenCursor& cursor, std::string_view key) {
  const char c = cursor.peek();
  if (c != '{' && c != '[') {
    Value value;
    if (!cursor.scalar(value)) return false;
    if (value.kind == ValueKind::null) return true;
    set_aside(ErrorCode::invalid_type, key, kFieldsRule);
    keep(key, value, Role::fields);
    return true;
  }
  if (c == '[') {
    std::string_view text;
    if (!json_text(cursor, key, 1, text)) return false;
    // PHP writes an empty map as [].
    if (text.find_first_not_of("[] ") == std::string_view::npos && text.find('[', 1) == std::string_view::npos) return true;
    set_aside(ErrorCode::invalid_type, key, kFieldsRule);
    if (!refused()) add(key, FieldValue::of_json(text));
    return true;
  }
  in_fields_ = true;
  const bool read = cursor.object([&](std::string_view name) {
    if (cursor.peek() != '"' || name.size() >= 64 || (kSizesInFields >> name.size() & 1) == 0) return field(cursor, name, 2);
    const Claim told = claim_in_fields(name, RecordKind::log);
    if (told.role == Role::none) return field(cursor, name, 2);
    Value value;
    if (!cursor.scalar(value)) return false;
    offer(name, value, told);
    return true;
  });
  in_fields_ = false;
  return read;
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
  if (!workspace_.path.empty() && value.kind != ValueKind::array) {
    const Claim told = !in_fields_ ? claim(name) : overrides_.dotted() ? overrides_.claim_of(name) : Claim{};
    if (told.role != Role::none) {
      offer(name, value, told);
      return true;
    }
  }
  add(name, field_value(value));
  return true;
}

void LogReader::keep(std::string_view key, const Value& value, Role) { add(key, field_value(value)); }

void LogReader::add(std::string_view name, const FieldValue& value) {
  if (workspace_.fields.size() < options_.max_fields) {
    workspace_.fields.push_back({name, value});
    return;
  }
  refuse(ErrorCode::too_many_fields, name, "The record has more than " + std::to_string(options_.max_fields) + " fields.");
}

std::string_view LogReader::message() const {
  std::string_view text = text_of(Role::message);
  if (slot(Role::message).reading == Reading::line && text.ends_with('\n')) {
    text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
  }
  return text;
}

void LogReader::finish(std::size_t index, std::size_t wire_bytes) {
  DecodedLog log;
  log.timestamp = time();
  if (slot(Role::severity).taken) log.severity = static_cast<Severity>(slot(Role::severity).number);
  const bool anything = slot(Role::message).taken || empty_message_ || !workspace_.fields.empty();
  if (!anything && !event_) {
    refuse(ErrorCode::missing_field, "message", "A log needs a message, under one of its usual names or what message_field names, or fields.");
  }
  log.warnings = warnings();
  if (refused()) return;
  keep_last_of_equal_names(workspace_.fields, workspace_.order);
  log.deployment = text_of(Role::deployment);
  log.source = text_of(Role::source);
  log.message = message();
  log.fields = workspace_.fields;
  log.wire_bytes = wire_bytes;
  receiver_.log(index, log);
}

}  // namespace penstock::decode
