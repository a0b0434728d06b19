// A digit of base 16, as percent escapes and JSON's \u escapes have them.
#pragma once

namespace penstock::decode {

// 0 to 15; -1 when `c` is no such digit.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace penstock::decode
