// Columns of strings: plain (lengths, then all bytes together, for zstd) or dictionary (distinct values, then an index a row).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "chunk/string_column.hpp"

namespace penstock::chunk {

// The number of rows is not written: the reader must know it.
void encode_plain_strings(std::string& out, std::span<const std::string_view> rows);
// indexes[i] < entries.size().
void encode_dictionary_strings(std::string& out, std::span<const std::string_view> entries, std::span<const std::int64_t> indexes);

class StringColumnDecoder {
 public:
  // Reads exactly `count` rows. False on corrupt bytes.
  static bool decode(ByteReader& in, std::size_t count, StringColumn& out);
};

}  // namespace penstock::chunk
