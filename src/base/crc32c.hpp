// CRC-32C (Castagnoli, RFC 3720 appendix B.4), in hardware where the CPU has it.
#pragma once

#include <cstdint>
#include <string_view>

namespace penstock::inline base {

// The checksum of `bytes`; with `seed`, of whatever gave the seed followed by `bytes`:
// crc32c("ab") == crc32c("b", crc32c("a")). Pure.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);

// The same by table; what CPUs without the instruction use.
std::uint32_t crc32c_by_table(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace penstock::inline base
