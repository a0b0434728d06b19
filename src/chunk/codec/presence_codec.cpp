#include "chunk/codec/presence_codec.hpp"

#include "chunk/codec/integer_codec.hpp"

namespace penstock::chunk {
namespace {

enum class PresenceShape : std::uint8_t { all = 0, bitmap = 1, list = 2 };

}  // namespace

void encode_presence(std::string& out, std::span<const std::uint32_t> rows, std::size_t row_count) {
  if (rows.size() == row_count) {
    out.push_back(static_cast<char>(PresenceShape::all));
    return;
  }
  const std::vector<std::int64_t> list(rows.begin(), rows.end());
  std::string packed;
  append_varint(packed, list.size());
  encode_integers(packed, list);
  const std::size_t bitmap_bytes = (row_count + 7) / 8;
  if (packed.size() <= bitmap_bytes) {
    out.push_back(static_cast<char>(PresenceShape::list));
    out += packed;
    return;
  }
  out.push_back(static_cast<char>(PresenceShape::bitmap));
  const std::size_t start = out.size();
  out.resize(start + bitmap_bytes);
  for (const std::uint32_t row : rows) out[start + row / 8] = static_cast<char>(out[start + row / 8] | (1 << (row % 8)));
}

bool decode_presence(ByteReader& in, std::size_t row_count, std::vector<std::uint32_t>& rows, std::size_t& count) {
  rows.clear();
  std::uint8_t shape = 0;
  if (!in.byte(shape)) return false;
  switch (static_cast<PresenceShape>(shape)) {
    case PresenceShape::all: count = row_count; return true;
    case PresenceShape::bitmap: {
      std::string_view bitmap;
      if (!in.bytes((row_count + 7) / 8, bitmap)) return false;
      for (std::size_t row = 0; row < row_count; ++row) {
        if (static_cast<unsigned char>(bitmap[row / 8]) & (1u << (row % 8))) rows.push_back(static_cast<std::uint32_t>(row));
      }
      break;
    }
    case PresenceShape::list: {
      std::uint64_t listed = 0;
      std::vector<std::int64_t> list;
      if (!in.varint(listed) || listed >= row_count || !decode_integers(in, static_cast<std::size_t>(listed), list)) return false;
      std::int64_t next = 0;
      for (const std::int64_t row : list) {
        if (row < next || static_cast<std::uint64_t>(row) >= row_count) return false;
        next = row + 1;
        rows.push_back(static_cast<std::uint32_t>(row));
      }
      break;
    }
    default: return false;
  }
  count = rows.size();
  // Rows without a value are not written, and a full list is written as `all`.
  return count > 0 && count < row_count;
}

}  // namespace penstock::chunk
