#include "chunk/codec/bit_pack.hpp"

#include <algorithm>

#include "base/bytes.hpp"

namespace penstock::chunk {

void pack_bits(std::string& out, std::span<const std::uint64_t> values, unsigned width) {
  if (width == 0) return;
  const std::size_t start = out.size();
  const std::size_t size = packed_bytes(values.size(), width);
  out.resize(start + size + sizeof(std::uint64_t));
  char* at = out.data() + start;
  std::uint64_t gathered = 0;
  unsigned fill = 0;
  for (const std::uint64_t value : values) {
    gathered |= value << fill;
    fill += width;
    if (fill >= 64) {
      at = write_fixed(at, gathered);
      fill -= 64;
      gathered = fill == 0 ? 0 : value >> (width - fill);
    }
  }
  if (fill > 0) write_fixed(at, gathered);
  out.resize(start + size);
}

namespace {

// Reads past the last whole word without touching bytes outside the input.
std::uint64_t load_tail(std::string_view in, std::size_t at) {
  char word[8] = {};
  std::copy_n(in.data() + at, std::min<std::size_t>(8, in.size() - at), word);
  return read_fixed<std::uint64_t>(word);
}

}  // namespace

void unpack_bits(std::string_view in, std::span<std::uint64_t> values, unsigned width) {
  if (width == 0) {
    std::fill(values.begin(), values.end(), 0);
    return;
  }
  const std::uint64_t mask = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  // One load holds a value at any bit offset while width + 7 <= 64.
  const std::size_t safe_end = in.size() >= 8 ? in.size() - 8 : 0;
  std::size_t bit = 0;
  for (std::uint64_t& value : values) {
    const std::size_t at = bit / 8;
    const unsigned shift = bit % 8;
    std::uint64_t word = at <= safe_end && in.size() >= 8 ? read_fixed<std::uint64_t>(in.data() + at) : load_tail(in, at);
    word >>= shift;
    if (width + shift > 64) {
      word |= static_cast<std::uint64_t>(static_cast<unsigned char>(in[at + 8])) << (64 - shift);
    }
    value = word & mask;
    bit += width;
  }
}

}  // namespace penstock::chunk
