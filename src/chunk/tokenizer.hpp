// How text falls into words, shared by the token filter and by queries: what the filter excludes a query can never match.
//
// A word is a maximal run of letters, digits and '_' with the marks and joiners behind them; characters of scripts that set no blanks
// between words are words by themselves (characters.hpp). Everything else separates: also quotes, dashes, emoji, no-break spaces, bytes
// that are no UTF-8, and the escape sequences that colour text. Words compare folded: without case, composed (NFC). No state; any thread.
//
// Most text is plain: ASCII without ESC. It need not be folded first, because comparing byte by byte with fold() says the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::chunk {

// Of an ASCII character.
inline constexpr bool is_word_byte(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u == '_' || (u >= '0' && u <= '9') || (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z');
}
// That, or a byte of another character: what must be looked at closer.
inline constexpr bool is_token_byte(char c) { return static_cast<unsigned char>(c) >= 0x80 || is_word_byte(c); }

// ASCII lower case.
inline constexpr char fold(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool is_ascii(std::string_view text);
// ASCII without ESC.
bool is_plain(std::string_view text);

// As words compare: lower case, composed, without escape sequences.
std::string folded_words(std::string_view text);
// As whole values compare: the same, but escape sequences stay.
std::string folded_value(std::string_view text);

// Text to look for folded words in: itself when it is plain, else folded into `scratch`.
std::string_view word_text(std::string_view text, std::string& scratch);
// Text to compare with a folded value, byte by byte with fold().
std::string_view value_text(std::string_view text, std::string& scratch);

// Of a word_text: whether what stands before `at` and what begins there are parts of one word.
bool is_inside_word(std::string_view text, std::size_t at);
// Of a word_text: takes the next word off the front of `rest`; false when there is none left.
bool next_word(std::string_view& rest, std::string_view& word);

// All words of any text, folded, in order, repeats included.
std::vector<std::string> words_of(std::string_view text);

}  // namespace penstock::chunk
