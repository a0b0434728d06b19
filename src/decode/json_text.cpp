#include "decode/json_text.hpp"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/hex.hpp"
#include "decode/put_utf8.hpp"

namespace penstock::decode {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;

// Four hex digits at `at`; -1 when they are not.
std::int32_t hex4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  std::int32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high(std::int32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(std::int32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// The unit of an escape \uXXXX whose backslash is at `at`, or -1.
std::int32_t unicode_escape(std::string_view text, std::size_t at) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u') return -1;
  return hex4(text, at + 2);
}

// What a one-letter escape stands for, or 0.
char simple_escape(char letter) {
  switch (letter) {
    case '"': return '"';
    case '\\': return '\\';
    case '/': return '/';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

constexpr std::size_t kEscapeBytes = 6;  // of \u001b

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20; }

std::size_t count_controls(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += is_control(c) ? 1u : 0u;
  return count;
}

char* put_control_escape(char* out, char c);

// The escape at `at`, which moves behind it, in its shortest form; never longer than it was.
char* put_escape(char* out, std::string_view text, std::size_t& at) {
  const std::int32_t unit = unicode_escape(text, at);
  if (unit < 0) {
    const std::string_view escape = text.substr(at, 2);
    at += escape.size();
    if (escape == "\\/") {
      *out++ = '/';
      return out;
    }
    std::memcpy(out, escape.data(), escape.size());
    return out + escape.size();
  }
  at += kEscapeBytes;
  if (is_high(unit)) {
    const std::int32_t low = unicode_escape(text, at);
    if (!is_low(low)) return put_utf8(out, kReplacement);
    at += kEscapeBytes;
    return put_utf8(out, 0x10000 + ((static_cast<std::uint32_t>(unit) - 0xD800) << 10) + (static_cast<std::uint32_t>(low) - 0xDC00));
  }
  if (is_low(unit) || unit == 0) return put_utf8(out, kReplacement);
  if (unit < 0x20) return put_control_escape(out, static_cast<char>(unit));
  if (unit == '"' || unit == '\\') *out++ = '\\';
  return put_utf8(out, static_cast<std::uint32_t>(unit));
}

char* put_control_escape(char* out, char c) {
  constexpr std::string_view letters = "\bb\ff\nn\rr\tt";
  *out++ = '\\';
  for (std::size_t i = 0; i < letters.size(); i += 2) {
    if (letters[i] != c) continue;
    *out++ = letters[i + 1];
    return out;
  }
  std::memcpy(out, "u00", 3);
  out[3] = c < 0x10 ? '0' : '1';
  out[4] = kHexDigits[c & 0xF];
  return out + 5;
}

}  // namespace

bool unescape(std::string_view content, Arena& arena, std::string_view& out) {
  char* const begin = arena.take(content.size());  // every escape is at least as long as what it stands for
  char* to = begin;
  std::size_t at = 0;
  while (at < content.size()) {
    const void* found = std::memchr(content.data() + at, '\\', content.size() - at);
    const std::size_t slash = found ? static_cast<std::size_t>(static_cast<const char*>(found) - content.data()) : content.size();
    std::memcpy(to, content.data() + at, slash - at);
    to += slash - at;
    at = slash;
    if (at == content.size()) break;
    if (at + 1 == content.size()) return false;
    if (const char plain = simple_escape(content[at + 1])) {
      *to++ = plain;
      at += 2;
      continue;
    }
    const std::int32_t unit = unicode_escape(content, at);
    if (unit < 0) return false;
    at += 6;
    std::uint32_t code = static_cast<std::uint32_t>(unit);
    if (is_high(unit)) {
      const std::int32_t low = unicode_escape(content, at);
      if (is_low(low)) {
        code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<std::uint32_t>(low) - 0xDC00);
        at += 6;
      } else {
        code = kReplacement;
      }
    } else if (is_low(unit) || unit == 0) {
      code = kReplacement;
    }
    to = put_utf8(to, code);
  }
  out = {begin, static_cast<std::size_t>(to - begin)};
  arena.give_back(content.size() - out.size());
  return true;
}

std::size_t invalid_escape(std::string_view content) {
  for (std::size_t at = content.find('\\'); at != std::string_view::npos; at = content.find('\\', at)) {
    if (at + 1 == content.size()) return at;
    if (simple_escape(content[at + 1])) {
      at += 2;
    } else if (unicode_escape(content, at) >= 0) {
      at += 6;
    } else {
      return at;
    }
  }
  return content.size();
}

NumberShape number_shape(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto digits = [&] {
    const char* const first = at;
    while (at != end && *at >= '0' && *at <= '9') ++at;
    return at != first;
  };
  if (at != end && *at == '-') ++at;
  if (at == end) return {};
  if (*at == '0') {
    ++at;
  } else if (!digits()) {
    return {};
  }
  if (at == end) return {true, true};
  if (*at == '.') {
    ++at;
    if (!digits()) return {};
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    if (!digits()) return {};
  }
  return {at == end, false};
}

std::optional<double> number_double(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    // Too small counts as zero, too large has no value; from_chars tells both alike.
    const std::size_t e = text.find_first_of("eE");
    const bool tiny = e == std::string_view::npos ? text.find_first_not_of("-0.") == std::string_view::npos || text.starts_with("0.") ||
                                                        text.starts_with("-0.")
                                                  : text.substr(e + 1).starts_with('-');
    if (!tiny) return std::nullopt;
    return text.starts_with('-') ? -0.0 : 0.0;
  }
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

FieldValue number_value(std::string_view text, bool integer) {
  if (integer) {
    std::int64_t value = 0;
    if (text.size() <= 18 && text.front() != '-') {
      for (const char c : text) value = value * 10 + (c - '0');
      return FieldValue::of(value);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) return FieldValue::of_json(text);
    if (value == 0 && text.front() == '-') return FieldValue::of(-0.0);
    return FieldValue::of(value);
  }
  std::size_t significant = 0;
  std::size_t zeros = 0;
  for (const char c : text) {
    if (c == 'e' || c == 'E') break;
    if (c == '0') {
      if (significant > 0) ++zeros;
    } else if (c > '0' && c <= '9') {
      significant += 1 + zeros;
      zeros = 0;
    }
  }
  if (significant > 17) return FieldValue::of_json(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return FieldValue::of_json(text);
  return FieldValue::of(value);
}

std::string_view tidy_json(std::string_view text, Arena& arena) {
  const std::size_t controls = count_controls(text);
  if (controls == 0 && text.find_first_of("\\ ") == std::string_view::npos) return text;
  const std::size_t most = text.size() + controls * (kEscapeBytes - 1);
  char* const begin = arena.take(most);
  char* to = begin;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (!inside) {
      inside = c == '"';
      if (c != ' ' && c != '\n' && c != '\r' && c != '\t') *to++ = c;
      ++at;
      continue;
    }
    if (is_control(c)) {
      to = put_control_escape(to, c);
      ++at;
      continue;
    }
    if (c != '\\') {
      inside = c != '"';
      *to++ = c;
      ++at;
      continue;
    }
    to = put_escape(to, text, at);
  }
  const std::size_t size = static_cast<std::size_t>(to - begin);
  arena.give_back(most - size);
  return {begin, size};
}

std::string_view quote_no_numbers(std::string_view text, Arena& arena) {
  // Each has at least three characters, and gets two more.
  const std::size_t most = text.size() + text.size() / 3 * 2;
  char* const begin = arena.take(most);
  char* to = begin;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = inside && text[at] == '\\' && at + 1 < text.size() ? 2 : 1;
    bool quoted = false;
    if (!inside) {
      for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
        if (!text.substr(at).starts_with(word)) continue;
        length = word.size();
        quoted = true;
      }
    }
    if (text[at] == '"') inside = !inside;
    if (quoted) *to++ = '"';
    std::memcpy(to, text.data() + at, length);
    to += length;
    if (quoted) *to++ = '"';
    at += length;
  }
  const std::size_t size = static_cast<std::size_t>(to - begin);
  arena.give_back(most - size);
  return {begin, size};
}

}  // namespace penstock::decode
