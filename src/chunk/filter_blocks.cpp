#include "chunk/filter_blocks.hpp"

#include <array>
#include <bit>
#include <cstring>

#include "base/bytes.hpp"

namespace penstock::chunk {
namespace {

constexpr std::size_t kBlockWords = kFilterBlockBytes / sizeof(std::uint32_t);

// The multipliers that the Parquet format fixes.
constexpr std::array<std::uint32_t, kBlockWords> kSalt = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                                          0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};

std::size_t block_of(std::uint64_t hash, std::size_t blocks) {
  return static_cast<std::size_t>(((hash >> 32) * static_cast<std::uint64_t>(blocks)) >> 32);
}

std::uint32_t bit_of(std::uint64_t hash, std::size_t word) {
  return std::uint32_t{1} << ((static_cast<std::uint32_t>(hash) * kSalt[word]) >> 27);
}

// All eight words at once: the compiler makes of this what the CPU has.
using Words [[gnu::vector_size(kFilterBlockBytes)]] = std::uint32_t;
using Halves [[gnu::vector_size(kFilterBlockBytes)]] = std::uint64_t;

[[gnu::always_inline]] inline std::size_t set_all(char* blocks, std::size_t count, std::span<const std::uint64_t> hashes) {
  static_assert(std::endian::native == std::endian::little, "the words of a filter are little-endian");
  Words salt;
  std::memcpy(&salt, kSalt.data(), sizeof(salt));
  std::size_t fresh = 0;
  for (const std::uint64_t hash : hashes) {
    char* const block = blocks + block_of(hash, count) * kFilterBlockBytes;
    Words words;
    std::memcpy(&words, block, sizeof(words));
    const Words bits = (Words{} + 1) << ((salt * static_cast<std::uint32_t>(hash)) >> 27);
    const Words missing = bits & ~words;
    words |= bits;
    std::memcpy(block, &words, sizeof(words));
    Halves any;
    std::memcpy(&any, &missing, sizeof(any));
    fresh += (any[0] | any[1] | any[2] | any[3]) != 0 ? 1 : 0;
  }
  return fresh;
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] std::size_t set_all_avx2(char* blocks, std::size_t count, std::span<const std::uint64_t> hashes) {
  return set_all(blocks, count, hashes);
}
const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;
#endif

}  // namespace

bool has_bits(const std::string& filter, std::uint64_t hash) {
  const char* block = filter.data() + block_of(hash, filter.size() / kFilterBlockBytes) * kFilterBlockBytes;
  for (std::size_t i = 0; i < kBlockWords; ++i) {
    if (!(read_fixed<std::uint32_t>(block + 4 * i) & bit_of(hash, i))) return false;
  }
  return true;
}

std::size_t set_bits(std::string& filter, std::span<const std::uint64_t> hashes) {
#if defined(__x86_64__)
  if (kHasAvx2) return set_all_avx2(filter.data(), filter.size() / kFilterBlockBytes, hashes);
#endif
  return set_bits_plainly(filter, hashes);
}

std::size_t set_bits_plainly(std::string& filter, std::span<const std::uint64_t> hashes) {
  return set_all(filter.data(), filter.size() / kFilterBlockBytes, hashes);
}

std::string fold_filter(const std::string& filter, std::size_t divisor) {
  std::string folded(filter.size() / divisor, '\0');
  for (std::size_t to = 0; to < folded.size(); to += kFilterBlockBytes) {
    for (std::size_t part = 0; part < divisor; ++part) {
      const char* from = filter.data() + to * divisor + part * kFilterBlockBytes;
      for (std::size_t at = 0; at < kFilterBlockBytes; at += 8) {
        write_fixed<std::uint64_t>(folded.data() + to + at, read_fixed<std::uint64_t>(folded.data() + to + at) | read_fixed<std::uint64_t>(from + at));
      }
    }
  }
  return folded;
}

}  // namespace penstock::chunk
