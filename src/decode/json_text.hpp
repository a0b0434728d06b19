// Pieces of JSON text: strings without their quotes, numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "decode/arena.hpp"
#include "penstock/core/record.hpp"

namespace penstock::decode {

// A string's content with its escapes resolved, in the arena. \u0000 and lone surrogates become U+FFFD. False: an escape that JSON
// does not have.
bool unescape(std::string_view content, Arena& arena, std::string_view& out);
// Where the first escape stands that JSON does not have, or content.size().
std::size_t invalid_escape(std::string_view content);

// What RFC 8259 takes for a number.
struct NumberShape {
  bool valid = false;
  bool integer = false;  // no fraction, no exponent
};
NumberShape number_shape(std::string_view text);

// A valid number as a field: an integer that fits int64, a real of at most 17 significant digits, else JSON text.
FieldValue number_value(std::string_view text, bool integer);
// The nearest double; nullopt when that is infinite.
std::optional<double> number_double(std::string_view text);

// Valid JSON, whose strings may hold raw control characters, as it is kept: without white space around operators, and with no escapes but
// \" and \\ and those of control characters. \u0000 and lone surrogates become U+FFFD. Returns `text` itself when nothing is to do.
std::string_view tidy_json(std::string_view text, Arena& arena);

// The same JSON with each NaN, Infinity and -Infinity in quotes.
std::string_view quote_no_numbers(std::string_view text, Arena& arena);

}  // namespace penstock::decode
