// The hash of tokens and field values. It is part of the format (FORMAT.md): a change of it would hide records.
//
// Texts of up to 16 bytes, nearly all of them, take two words, multiplied and folded as in MurmurHash3's finalizer (Appleby, public
// domain), without a branch on the length; longer ones XXH3. Letters are hashed without their case.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace penstock::chunk {

// Setting bit 5 makes ASCII letters lower-case and leaves digits alone; that it also joins a few other bytes only costs precision.
inline constexpr char fold_for_hash(char c) { return static_cast<char>(c | 0x20); }

inline constexpr std::size_t kHashPadding = 16;

// Which bytes of two words belong to a text of so many bytes; a table, because shifts by a variable are slower.
struct HashMasks {
  std::uint64_t low[kHashPadding + 1];
  std::uint64_t high[kHashPadding + 1];
};
inline constexpr HashMasks kHashMasks = [] {
  HashMasks masks{};
  for (std::size_t size = 0; size <= kHashPadding; ++size) {
    masks.low[size] = size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * size)) - 1;
    masks.high[size] = size == 16 ? ~std::uint64_t{0} : size <= 8 ? 0 : (std::uint64_t{1} << (8 * (size - 8))) - 1;
  }
  return masks;
}();

// `folded` is readable for kHashPadding bytes from its begin, whatever its size.
inline std::uint64_t hash_folded(const char* folded, std::size_t size, std::uint64_t seed) {
  if (size > kHashPadding) return XXH3_64bits_withSeed(folded, size, seed);
  const std::uint64_t low = read_fixed<std::uint64_t>(folded) & kHashMasks.low[size];
  const std::uint64_t high = read_fixed<std::uint64_t>(folded + 8) & kHashMasks.high[size];
  std::uint64_t hash = (low ^ seed) * 0x9e3779b97f4a7c15ull;
  hash ^= hash >> 32;
  hash = (hash ^ high ^ size << 56) * 0xff51afd7ed558ccdull;
  return hash ^ hash >> 32;
}

}  // namespace penstock::chunk
