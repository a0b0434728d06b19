// Integers of one bit width, packed without gaps, least significant bit first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace penstock::chunk {

constexpr std::size_t packed_bytes(std::size_t count, unsigned width) { return (count * width + 7) / 8; }

// Appends packed_bytes(values.size(), width) bytes. Every value must fit in `width` bits (0 … 64).
void pack_bits(std::string& out, std::span<const std::uint64_t> values, unsigned width);

// `in` holds exactly packed_bytes(values.size(), width) bytes.
void unpack_bits(std::string_view in, std::span<std::uint64_t> values, unsigned width);

}  // namespace penstock::chunk
