// Lower-case hexadecimal digits.
#pragma once

#include <concepts>
#include <span>
#include <string>
#include <string_view>

namespace penstock {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

inline void append_hex_byte(std::string& out, unsigned char byte) {
  out += kHexDigits[byte >> 4];
  out += kHexDigits[byte & 15];
}

inline std::string to_hex(std::span<const unsigned char> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) append_hex_byte(out, byte);
  return out;
}

// All digits of the number, with leading zeros.
template <std::unsigned_integral Number>
void append_hex(std::string& out, Number number) {
  for (int shift = static_cast<int>(sizeof number) * 8 - 4; shift >= 0; shift -= 4) out += kHexDigits[(number >> shift) & 15u];
}

// The value of one digit of either case; -1: it is none.
constexpr int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

}  // namespace penstock
