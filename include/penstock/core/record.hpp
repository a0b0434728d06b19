// The two kinds of record, as views into memory that somebody else owns (a request body, a batch, a chunk block).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "penstock/core/labels.hpp"
#include "penstock/core/severity.hpp"
#include "penstock/core/time.hpp"

namespace penstock {

enum class RecordKind : std::uint8_t { log = 1, metric = 2 };

// What a field of a log is. Numbers, booleans and strings keep their type in the answer; arrays and numbers that fit neither
// an int64 nor a double exactly are kept as their JSON text.
enum class FieldType : std::uint8_t { string = 0, integer = 1, real = 2, boolean = 3, null = 4, json = 5 };

struct FieldValue {
  FieldType type = FieldType::null;
  std::string_view text;     // string: the text; json: the JSON text
  std::int64_t integer = 0;  // integer; boolean: 0 or 1
  double real = 0;

  static FieldValue of(std::string_view value) { return {FieldType::string, value, 0, 0}; }
  static FieldValue of_json(std::string_view value) { return {FieldType::json, value, 0, 0}; }
  static FieldValue of(std::int64_t value) { return {FieldType::integer, {}, value, 0}; }
  static FieldValue of(double value) { return {FieldType::real, {}, 0, value}; }
  static FieldValue of(bool value) { return {FieldType::boolean, {}, value ? 1 : 0, 0}; }
  static FieldValue none() { return {}; }
};

// Value equality; a real compares by its bits.
bool operator==(const FieldValue& a, const FieldValue& b);

// The text that search, facets, filters and CSV use: strings as they are, numbers in shortest form (whole ones below 2^53 by all their
// digits, so that 1000000.0 is spelled as 1000000 is), true/false, null, JSON text.
void append_text(std::string& out, const FieldValue& value);
// The value as JSON.
void append_json(std::string& out, const FieldValue& value);
// Appends `text` as a quoted JSON string, which is valid UTF-8 whatever `text` is.
void append_json_string(std::string& out, std::string_view text);

struct FieldView {
  std::string_view name;  // dotted: "user.address.city"
  FieldValue value;
};

struct LogView {
  Timestamp timestamp;    // when it happened
  Timestamp received_at;  // when we took it
  std::string_view deployment;
  std::string_view source;
  Severity severity = Severity::info;
  std::string_view message;
  std::span<const FieldView> fields;
};

struct SampleView {
  std::string_view name;
  double value = 0;
};

struct PointView {
  Timestamp timestamp;
  Timestamp received_at;
  std::string_view deployment;
  std::string_view source;
  std::span<const LabelView> labels;  // without source
  std::span<const SampleView> samples;
};

}  // namespace penstock
