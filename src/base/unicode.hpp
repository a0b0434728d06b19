// UTF-8 as the Unicode Standard defines it (table 3-7, well-formed byte sequences).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::inline base {

bool is_valid_utf8(std::string_view text);

// How many bytes at the front are valid UTF-8 without NUL; text.size() means that nothing needs repair.
std::size_t clean_utf8_prefix(std::string_view text);

// The most bytes of `text`, up to `at_most` (at least 4), after which no character is cut; of bytes that are no UTF-8 some such number.
std::size_t whole_characters(std::string_view text, std::size_t at_most);

// The bytes of `text` without a character at its end of which some are missing.
std::size_t complete_characters(std::string_view text);

// Appends `text` with every NUL and every maximal invalid part replaced by one U+FFFD (Unicode 15, section 3.9, practice of
// substituting maximal subparts).
void append_repaired_utf8(std::string& out, std::string_view text);
std::string repaired_utf8(std::string_view text);

}  // namespace penstock::inline base
