#include "penstock/core/record.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/hex.hpp"
#include "base/unicode.hpp"

namespace penstock {
namespace {

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

void append_real(std::string& out, double value) {
  constexpr double kExact = 9'007'199'254'740'992.0;  // 2^53: up to here every whole number is a double
  if (std::abs(value) < kExact && std::trunc(value) == value && !(value == 0 && std::signbit(value))) {
    append_number(out, static_cast<std::int64_t>(value));
  } else {
    append_number(out, value);
  }
}

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(std::string& out, char c) {
  out += '\\';
  switch (c) {
    case '"': out += '"'; return;
    case '\\': out += '\\'; return;
    case '\b': out += 'b'; return;
    case '\f': out += 'f'; return;
    case '\n': out += 'n'; return;
    case '\r': out += 'r'; return;
    case '\t': out += 't'; return;
    default:
      out += "u00";
      out += kHexDigits[static_cast<unsigned char>(c) >> 4];
      out += kHexDigits[static_cast<unsigned char>(c) & 0xf];
  }
}

}  // namespace

bool operator==(const FieldValue& a, const FieldValue& b) {
  if (a.type != b.type) return false;
  switch (a.type) {
    case FieldType::string:
    case FieldType::json: return a.text == b.text;
    case FieldType::integer: return a.integer == b.integer;
    case FieldType::boolean: return (a.integer != 0) == (b.integer != 0);
    case FieldType::real: return std::bit_cast<std::uint64_t>(a.real) == std::bit_cast<std::uint64_t>(b.real);
    case FieldType::null: return true;
  }
  return false;
}

void append_text(std::string& out, const FieldValue& value) {
  switch (value.type) {
    case FieldType::string:
    case FieldType::json: out += value.text; return;
    case FieldType::integer: append_number(out, value.integer); return;
    case FieldType::real: append_real(out, value.real); return;
    case FieldType::boolean: out += value.integer != 0 ? "true" : "false"; return;
    case FieldType::null: out += "null"; return;
  }
}

void append_json(std::string& out, const FieldValue& value) {
  if (value.type == FieldType::string) {
    append_json_string(out, value.text);
  } else if (value.type == FieldType::json) {
    append_repaired_utf8(out, value.text);
  } else if (value.type == FieldType::real && !std::isfinite(value.real)) {
    out += "null";  // JSON has no word for it
  } else {
    append_text(out, value);
  }
}

void append_json_string(std::string& out, std::string_view given) {
  std::string repaired;
  if (!is_valid_utf8(given)) append_repaired_utf8(repaired, given);
  const std::string_view text = repaired.empty() ? given : std::string_view(repaired);
  out += '"';
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) [[likely]] continue;
    out.append(text, plain, i - plain);
    append_escape(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

}  // namespace penstock
