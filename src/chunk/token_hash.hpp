// The hash of tokens and field values. It is part of the format (FORMAT.md): a change of it would hide records.
//
// Texts of up to 16 bytes, nearly all of them, take two words, multiplied and folded as in MurmurHash3's finalizer (Appleby, public
// domain), without a branch on the length; longer ones XXH3. Letters are hashed without their case.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace penstock::chunk {

inline constexpr std::size_t kShortText = 16;

// Which bytes of two words belong to a text of so many bytes; a table, because shifts by a variable are slower.
struct HashMasks {
  std::uint64_t low[kShortText + 1];
  std::uint64_t high[kShortText + 1];
};
inline constexpr HashMasks kHashMasks = [] {
  HashMasks masks{};
  for (std::size_t size = 0; size <= kShortText; ++size) {
    masks.low[size] = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
    masks.high[size] = size == 16 ? ~std::uint64_t{0} : size <= 8 ? 0 : (std::uint64_t{1} << (8 * (size - 8))) - 1;
  }
  return masks;
}();

// Of at most kShortText bytes; reads kShortText, whatever the size. Setting bit 5 makes ASCII letters lower-case and leaves digits alone;
// that it also joins a few other bytes only costs precision.
inline std::uint64_t hash_short(const char* bytes, std::size_t size, std::uint64_t seed) {
  constexpr std::uint64_t kFold = 0x2020202020202020ull;
  const std::uint64_t low = (read_fixed<std::uint64_t>(bytes) | kFold) & kHashMasks.low[size];
  const std::uint64_t high = (read_fixed<std::uint64_t>(bytes + 8) | kFold) & kHashMasks.high[size];
  std::uint64_t hash = (low ^ seed) * 0x9e3779b97f4a7c15ull;
  hash ^= hash >> 32;
  hash = (hash ^ high ^ size << 56) * 0xff51afd7ed558ccdull;
  return hash ^ hash >> 32;
}

// Of any text.
inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) {
  if (text.size() <= kShortText) {
    std::array<char, kShortText> copy{};
    text.copy(copy.data(), text.size());
    return hash_short(copy.data(), text.size(), seed);
  }
  std::array<char, 256> copy;
  const auto fold = [&](char* to) {
    for (std::size_t i = 0; i < text.size(); ++i) to[i] = static_cast<char>(text[i] | 0x20);
    return XXH3_64bits_withSeed(to, text.size(), seed);
  };
  if (text.size() <= copy.size()) return fold(copy.data());
  std::string large(text.size(), '\0');
  return fold(large.data());
}

}  // namespace penstock::chunk
