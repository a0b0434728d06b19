// Where a JSON value ends, found without reading it: for records that have to be cut out of a body one by one.
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock::decode {

// One past the end of the value that starts at `begin`; npos when it has none, or brackets in it do not match.
std::size_t value_end(std::string_view text, std::size_t begin);

// The same for an object that goes on over line breaks, also raw ones in its texts, but npos as soon as a line starts with '{' where no object
// can stand: then the object before was cut short, and that line is the next record. At most `reach` bytes are looked at; those that a search in vain looked at
// are taken off it, so that all searches together are bounded.
std::size_t object_end_over_lines(std::string_view text, std::size_t begin, std::size_t& reach);

// One past the closing quote of the string that starts at `begin`, or npos.
std::size_t string_end(std::string_view text, std::size_t begin);

// The first backslash that is in no string, or npos. A StructuralIndex takes a quote behind it for escaped; the functions here do not.
std::size_t stray_backslash(std::string_view text);

std::size_t skip_space(std::string_view text, std::size_t at);

// What may stand between records: white space, RS (RFC 7464), NUL (GELF over TCP), byte order marks of files that were put together.
std::size_t skip_between(std::string_view text, std::size_t at);

}  // namespace penstock::decode
