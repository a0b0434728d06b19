// How far a broken element of an array goes: up to where the next one can be told apart from it.
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock::decode {

// All functions take time in proportion to what they pass over and one string behind it. Strings are skipped, whatever they hold; raw line
// breaks do not end them.

// The end of the broken element that starts at `begin`: a comma or ] at the array's level, the { of a next record, or the end of the
// text. npos when it has none, since a string or bracket is not closed. A bracket without its other half is passed over: one that was not
// closed counts as closed with what is around it, one that was not opened is ignored.
std::size_t broken_end(std::string_view text, std::size_t begin);

// The same from a place within an element, or after it, where no bracket of the element is open; { does not end it.
std::size_t element_end(std::string_view text, std::size_t at);

// Whether an element may end at `at`: a comma, a ], the { of a next record (the comma was forgotten) or the end of the text comes next.
bool ends_element(std::string_view text, std::size_t at);

}  // namespace penstock::decode
