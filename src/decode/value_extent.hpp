// Where a JSON value ends, found without reading it: for records that have to be cut out of a body one by one.
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock::decode {

// One past the end of the value that starts at `begin`; npos when it has none. Brackets are counted, not matched.
std::size_t value_end(std::string_view text, std::size_t begin);

// The same for an object that goes on over line breaks, but npos as soon as a line starts with '{' where no object can stand: then the
// object before was cut short, and that line is the next record.
std::size_t object_end_over_lines(std::string_view text, std::size_t begin);

std::size_t skip_space(std::string_view text, std::size_t at);

}  // namespace penstock::decode
