// How text falls into words, shared by the token filter and by queries: what the filter excludes a query can never match.
//
// A token is a maximal run of ASCII letters, digits, '_' and bytes of non-ASCII characters (>= 0x80). Tokens compare without regard to
// the case of ASCII letters; other bytes compare as they are. No allocation, no state; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace penstock::chunk {

inline constexpr bool is_token_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || u == '_' || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z');
}

// ASCII lower case.
inline constexpr char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// Equal but for the case of ASCII letters.
bool equals_folded(std::string_view a, std::string_view b);

// Takes the next token off the front of `rest`; false when there is none left.
bool next_token(std::string_view& rest, std::string_view& token);

// All tokens of a text, in order, repeats included; views into `text`.
std::vector<std::string_view> tokens_of(std::string_view text);

// True when `word` is a token of `text` (case-insensitive). `word` must itself be one token.
bool contains_token(std::string_view text, std::string_view word);

}  // namespace penstock::chunk
