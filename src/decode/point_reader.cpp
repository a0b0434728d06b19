#include "decode/point_reader.hpp"

#include <string>

#include "decode/json_text.hpp"
#include "decode/unique_names.hpp"

namespace penstock::decode {
void PointReader::clear() {
  workspace_.labels.clear();
  workspace_.samples.clear();
  has_name_ = has_value_ = has_metrics_ = false;
}

bool PointReader::member(TokenCursor& cursor, std::string_view key) {
  const Claim told = next_claim(key);
  switch (told.role) {
    case Role::none: return label(cursor, key, 1, true);
    case Role::labels: return labels(cursor, key);
    case Role::metrics: return metrics(cursor, key);
    case Role::name: return name_or_value(cursor, key, name_, has_name_);
    case Role::value: return name_or_value(cursor, key, value_, has_value_);
    default: return claimed(cursor, key, told);
  }
}

bool PointReader::name_or_value(TokenCursor& cursor, std::string_view key, Value& out, bool& has) {
  if (cursor.peek() == '{' || cursor.peek() == '[') {
    set_aside(ErrorCode::invalid_type, key, "This must be a single value, not an object or array.");
    return label(cursor, key, 1, false);
  }
  has = true;
  return cursor.scalar(out);
}

bool PointReader::labels(TokenCursor& cursor, std::string_view key) {
  if (cursor.peek() == '{') {
    return cursor.object([&](std::string_view name) { return label(cursor, name, 2, false); });
  }
  if (cursor.peek() == '[') {
    return cursor.array([&] { return tag(cursor, key); });
  }
  Value value;
  if (!cursor.scalar(value)) return false;
  if (value.kind == ValueKind::null) return true;
  set_aside(ErrorCode::invalid_type, key, "Labels are an object of names and texts, or an array of \"name:value\".");
  add_label(key, value.text);
  return true;
}

bool PointReader::tag(TokenCursor& cursor, std::string_view key) {
  if (cursor.peek() != '"') {
    std::string_view ignored;
    set_aside(ErrorCode::invalid_type, key, "Labels are an object of names and texts, or an array of \"name:value\".");
    return json_text(cursor, key, 2, ignored);
  }
  Value value;
  if (!cursor.scalar(value)) return false;
  const std::size_t colon = value.text.find(':');
  if (colon == std::string_view::npos) {
    add_label(value.text, "true");
  } else {
    add_label(value.text.substr(0, colon), value.text.substr(colon + 1));
  }
  return true;
}

bool PointReader::label(TokenCursor& cursor, std::string_view key, std::size_t depth, bool known_names) {
  std::string& path = workspace_.path;
  if (cursor.peek() == '{' && depth < max_depth_ && !refused() && path.size() + 1 + key.size() <= kMaxNameBytes) {
    const std::size_t length = path.size();
    if (!path.empty()) path += '.';
    path += key;
    const bool read = cursor.object([&](std::string_view name) { return label(cursor, name, depth + 1, known_names); });
    path.resize(length);
    return read;
  }
  const std::string_view name = dotted(key);
  if (cursor.peek() == '{' || cursor.peek() == '[') {
    std::string_view text;
    if (!json_text(cursor, key, depth, text)) return false;
    if (!refused()) add_label(name, text);
    return true;
  }
  Value value;
  if (!cursor.scalar(value)) return false;
  if (known_names && !path.empty()) {
    const Claim told = claim(name);
    if (told.role != Role::none) {
      offer(name, value, told);
      return true;
    }
  }
  if (value.kind != ValueKind::null) add_label(name, value.text);
  return true;
}

void PointReader::keep(std::string_view key, const Value& value, Role role) {
  // As a label a time would make each point a series of its own.
  if (role != Role::time && role != Role::nanos) add_label(key, value.text);
}

void PointReader::add_label(std::string_view name, std::string_view text) {
  auto& labels = workspace_.labels;
  if (labels.size() < options_.max_fields) {
    labels.push_back({name, text});
  } else {
    refuse(ErrorCode::too_many_fields, name, "The point has more than " + std::to_string(options_.max_fields) + " labels.");
  }
}

bool PointReader::metrics(TokenCursor& cursor, std::string_view key) {
  has_metrics_ = true;
  if (cursor.peek() == '{') {
    return cursor.object([&](std::string_view name) { return sample(cursor, name, 2); });
  }
  Value value;
  if (cursor.peek() == '[') {
    if (!json_text(cursor, key, 1, value.text)) return false;
  } else if (!cursor.scalar(value)) {
    return false;
  }
  if (value.kind != ValueKind::null || !value.text.empty()) set_aside(ErrorCode::invalid_type, key, "metrics must be an object of names and numbers.");
  return true;
}

bool PointReader::sample(TokenCursor& cursor, std::string_view key, std::size_t depth) {
  std::string& path = workspace_.path;
  if (cursor.peek() == '{' && depth < max_depth_ && !refused() && path.size() + 1 + key.size() <= kMaxNameBytes) {
    const std::size_t length = path.size();
    if (!path.empty()) path += '.';
    path += key;
    const bool read = cursor.object([&](std::string_view name) { return sample(cursor, name, depth + 1); });
    path.resize(length);
    return read;
  }
  const std::string_view name = dotted(key);
  if (cursor.peek() == '{' || cursor.peek() == '[') {
    const bool list = cursor.peek() == '[';
    std::string_view ignored;
    if (!json_text(cursor, key, depth, ignored)) return false;
    if (list) set_aside(ErrorCode::invalid_value, name, "A metric's value is a number, not a list.");
    return true;
  }
  Value value;
  if (!cursor.scalar(value)) return false;
  if (value.kind != ValueKind::null) add_sample(name, value, name);
  return true;
}

void PointReader::add_sample(std::string_view name, const Value& value, std::string_view field) {
  std::optional<double> number;
  switch (value.kind) {
    case ValueKind::boolean: number = value.text == "true" ? 1 : 0; break;
    // A number in quotes, as shells and many an interface write it.
    case ValueKind::string: if (number_shape(value.text).valid) number = number_double(value.text); break;
    case ValueKind::integer:
    case ValueKind::real: number = number_double(value.text); break;
    default: break;
  }
  if (!number) {
    set_aside(ErrorCode::invalid_value, field, "A metric's value is a finite number.");
    return;
  }
  auto& samples = workspace_.samples;
  if (samples.size() < options_.max_fields) {
    samples.push_back({name, *number});
  } else {
    refuse(ErrorCode::too_many_fields, field, "The point has more than " + std::to_string(options_.max_fields) + " metrics.");
  }
}

void PointReader::take_named_value() {
  if (has_name_ && has_value_ && name_.kind == ValueKind::string) {
    add_sample(name_.text, value_, "value");
    return;
  }
  if (has_name_ && name_.kind != ValueKind::null) {
    if (has_value_) set_aside(ErrorCode::invalid_type, "name", "The name of a metric is text.");
    add_label("name", name_.text);  // beside metrics it is a label like any other
  }
  if (has_value_) {
    set_aside(ErrorCode::missing_field, "name", "A point with a value needs the name of the metric.");
  } else if (has_name_ && !has_metrics_) {
    set_aside(ErrorCode::missing_field, "value", "A point with a name needs a value.");
  }
}

void PointReader::finish(std::size_t index, std::size_t wire_bytes) {
  take_named_value();
  DecodedPoint point;
  point.timestamp = time();
  point.warnings = warnings();
  if (workspace_.samples.empty()) {
    // What kept its values from being any is more to the point than that there is none.
    for (const Warning& warning : point.warnings) {
      if (warning.code == ErrorCode::invalid_value || warning.code == ErrorCode::missing_field || warning.field == "metrics" || warning.field == "name" ||
          warning.field == "value") {
        refuse(warning.code, warning.field, std::string(warning.message));
      }
    }
    refuse(ErrorCode::missing_field, "metrics", "A point needs metrics (an object of names and numbers), or a name and a value.");
  }
  if (refused()) return;
  keep_last_of_equal_names(workspace_.labels, workspace_.order);
  keep_last_of_equal_names(workspace_.samples, workspace_.order);
  point.deployment = text_of(Role::deployment);
  point.source = text_of(Role::source);
  point.labels = workspace_.labels;
  point.samples = workspace_.samples;
  point.wire_bytes = wire_bytes;
  receiver_.point(index, point);
}

}  // namespace penstock::decode
