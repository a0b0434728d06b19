// What a character is to a search: part of a word or not, and what it is without its case. Unicode by utf8proc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace penstock::chunk {

enum class CharKind : std::uint8_t {
  separator,
  word,    // a letter or digit, or '_'
  alone,   // a word of its own: writing without blanks between words (Han, kana, hangul, Thai, Lao, Khmer, Burmese)
  joined,  // a mark or joiner: part of the word whose character it follows, else a separator
};

// Of a code point.
CharKind kind_of(std::uint32_t code);

struct Character {
  std::uint32_t code = 0;
  std::size_t size = 1;  // bytes
};
// Of valid UTF-8: what begins at `at`, and what ends before it (at > 0).
Character character_at(std::string_view text, std::size_t at);
Character character_before(std::string_view text, std::size_t at);

// Appends `text` without case and composed (Unicode's full case folding, then NFC); every invalid part becomes U+FFFD. With `words`
// escape sequences (base/ansi.hpp) go, and leave a lone ESC where they stood between parts of words.
void append_folded(std::string& out, std::string_view text, bool words);

// Of the Unicode data in use; what a later version knows of new characters may differ.
std::uint8_t unicode_version();

}  // namespace penstock::chunk
