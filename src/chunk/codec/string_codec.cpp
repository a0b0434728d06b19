#include "chunk/codec/string_codec.hpp"

#include <vector>

#include "chunk/codec/integer_codec.hpp"

namespace penstock::chunk {
namespace {

enum class StringShape : std::uint8_t { plain = 0, dictionary = 1 };

void append_entries(std::string& out, std::span<const std::string_view> entries) {
  std::vector<std::int64_t> lengths;
  lengths.reserve(entries.size());
  std::size_t total = 0;
  for (const auto entry : entries) {
    lengths.push_back(static_cast<std::int64_t>(entry.size()));
    total += entry.size();
  }
  encode_integers(out, lengths);
  out.reserve(out.size() + total);
  for (const auto entry : entries) out.append(entry);
}

bool read_entries(ByteReader& in, std::size_t count, std::string& bytes, std::vector<std::uint32_t>& offsets) {
  std::vector<std::int64_t> lengths;
  if (!decode_integers(in, count, lengths)) return false;
  offsets.clear();
  offsets.reserve(count + 1);
  offsets.push_back(0);
  std::uint64_t total = 0;
  for (const std::int64_t length : lengths) {
    if (length < 0 || static_cast<std::uint64_t>(length) > in.remaining() - total) return false;
    total += static_cast<std::uint64_t>(length);
    if (total > UINT32_MAX) return false;
    offsets.push_back(static_cast<std::uint32_t>(total));
  }
  std::string_view all;
  if (!in.bytes(static_cast<std::size_t>(total), all)) return false;
  bytes.assign(all);
  return true;
}

}  // namespace

void encode_plain_strings(std::string& out, std::span<const std::string_view> rows) {
  out.push_back(static_cast<char>(StringShape::plain));
  append_entries(out, rows);
}

void encode_dictionary_strings(std::string& out, std::span<const std::string_view> entries, std::span<const std::int64_t> indexes) {
  out.push_back(static_cast<char>(StringShape::dictionary));
  append_varint(out, entries.size());
  append_entries(out, entries);
  encode_integers(out, indexes);
}

bool StringColumnDecoder::decode(ByteReader& in, std::size_t count, StringColumn& out) {
  out = StringColumn();
  std::uint8_t shape = 0;
  if (!in.byte(shape)) return false;
  if (shape == static_cast<std::uint8_t>(StringShape::plain)) return read_entries(in, count, out.bytes_, out.offsets_);
  std::uint64_t entries = 0;
  std::vector<std::int64_t> indexes;
  if (shape != static_cast<std::uint8_t>(StringShape::dictionary) || !in.varint(entries) || entries > count ||
      !read_entries(in, static_cast<std::size_t>(entries), out.bytes_, out.offsets_) || !decode_integers(in, count, indexes)) {
    return false;
  }
  out.indexes_.reserve(count);
  for (const std::int64_t index : indexes) {
    if (index < 0 || static_cast<std::uint64_t>(index) >= entries) return false;
    out.indexes_.push_back(static_cast<std::uint32_t>(index));
  }
  return true;
}

}  // namespace penstock::chunk
