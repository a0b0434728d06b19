// Which rows of a group have a field: all, a bitmap, or a list of rows, whichever is smallest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace penstock::chunk {

// `rows` ascending, without repeats, each < row_count.
void encode_presence(std::string& out, std::span<const std::uint32_t> rows, std::size_t row_count);

// `rows` stays empty when every row has the field; `count` tells how many have it. False on corrupt bytes.
bool decode_presence(ByteReader& in, std::size_t row_count, std::vector<std::uint32_t>& rows, std::size_t& count);

}  // namespace penstock::chunk
