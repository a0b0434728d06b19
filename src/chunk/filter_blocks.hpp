// The bits of a split-block Bloom filter (see token_filter.hpp): blocks of eight little-endian 32-bit words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace penstock::chunk {

inline constexpr std::size_t kFilterBlockBytes = 32;

// Whether all eight bits of a hash are set. `filter` holds a whole number of blocks, at least one.
bool has_bits(const std::string& filter, std::uint64_t hash);

// Sets the bits of every hash; returns of how many hashes a bit was new. Of hashes that come in once each, this counts all but the false
// positives. Uses the CPU's wide registers where it has them.
std::size_t set_bits(std::string& filter, std::span<const std::uint64_t> hashes);
// The same on any CPU.
std::size_t set_bits_plainly(std::string& filter, std::span<const std::uint64_t> hashes);

// The same filter with 1/divisor of the blocks, which must divide evenly: it says yes wherever the larger one does. A hash's block is the
// upper half of the hash × blocks >> 32, so the blocks b × divisor … (b + 1) × divisor − 1 are what block b of the smaller filter stands for.
std::string fold_filter(const std::string& filter, std::size_t divisor);

}  // namespace penstock::chunk
