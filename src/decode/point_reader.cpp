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
  const Claim told = claim(key);
  switch (told.role) {
    case Role::none: return label(cursor, key);
    case Role::labels: return labels(cursor, key);
    case Role::metrics: return metrics(cursor, key);
    case Role::name:
    case Role::value: {
      if (cursor.peek() == '{' || cursor.peek() == '[') {
        refuse(ErrorCode::invalid_type, key, "This must be a single value, not an object or array.");
        std::string_view ignored;
        return json_text(cursor, key, 1, ignored);
      }
      const bool name = told.role == Role::name;
      (name ? has_name_ : has_value_) = true;
      return cursor.scalar(name ? name_ : value_);
    }
    default: return claimed(cursor, key, told);
  }
}

bool PointReader::labels(TokenCursor& cursor, std::string_view key) {
  if (cursor.peek() == '{') {
    return cursor.object([&](std::string_view name) { return label(cursor, name); });
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
  refuse(ErrorCode::invalid_type, key, "labels must be an object of names and texts.");
  return true;
}

bool PointReader::label(TokenCursor& cursor, std::string_view key) {
  if (cursor.peek() == '{' || cursor.peek() == '[') {
    std::string_view ignored;
    if (!json_text(cursor, key, 1, ignored)) return false;
    refuse(ErrorCode::invalid_type, key, "A label is text, a number, true or false; numbers to keep go into metrics.");
    return true;
  }
  Value value;
  if (!cursor.scalar(value)) return false;
  if (value.kind != ValueKind::null) keep(key, value);
  return true;
}

void PointReader::keep(std::string_view key, const Value& value) {
  auto& labels = workspace_.labels;
  if (labels.size() < options_.max_fields) {
    labels.push_back({key, value.text});
  } else {
    refuse(ErrorCode::too_many_fields, key, "The point has more than " + std::to_string(options_.max_fields) + " labels.");
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
  refuse(ErrorCode::invalid_type, key, "metrics must be an object of names and numbers.");
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
    if (list) refuse(ErrorCode::invalid_value, name, "A metric's value is a number, not a list.");
    return true;
  }
  Value value;
  if (!cursor.scalar(value)) return false;
  if (value.kind != ValueKind::null) add_sample(name, value, name);
  return true;
}

void PointReader::add_sample(std::string_view name, const Value& value, std::string_view field) {
  if (value.kind != ValueKind::integer && value.kind != ValueKind::real) {
    refuse(ErrorCode::invalid_value, field, "A metric's value is a number; put it without quotes.");
    return;
  }
  const std::optional<double> number = number_double(value.text);
  if (!number) {
    refuse(ErrorCode::invalid_value, field, "The number is too large for a double.");
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
  if (has_value_ && !has_name_) {
    refuse(ErrorCode::missing_field, "name", "A point with a value needs the name of the metric.");
  } else if (has_name_ && !has_value_) {
    // Beside metrics it is a label like any other.
    if (!has_metrics_) {
      refuse(ErrorCode::missing_field, "value", "A point with a name needs a value.");
    } else if (name_.kind != ValueKind::null) {
      keep("name", name_);
    }
  } else if (has_name_) {
    if (name_.kind != ValueKind::string) {
      refuse(ErrorCode::invalid_type, "name", "The name of a metric is text.");
    } else {
      add_sample(name_.text, value_, "value");
    }
  }
}

void PointReader::finish(std::size_t index, std::size_t wire_bytes) {
  take_named_value();
  DecodedPoint point;
  point.timestamp = time();
  if (workspace_.samples.empty()) {
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
