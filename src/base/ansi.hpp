// The escape sequences by which programs colour what they print (ECMA-48): they are shown nowhere, and are no part of a text's words.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace penstock::inline base {

inline constexpr char kEscape = '\x1b';

// The length of the sequence that `text` begins with: CSI ("ESC [ 1;31 m"), OSC ("ESC ] … BEL", or "ESC \" at its end), or ESC and one
// character; an ESC without these has length 1. 0: text does not begin with ESC.
std::size_t ansi_sequence(std::string_view text);

// Appends `text` without such sequences.
void append_without_ansi(std::string& out, std::string_view text);

}  // namespace penstock::inline base
