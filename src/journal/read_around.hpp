// Reading from a disk that has bad places.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

struct ByteRange {
  std::uint64_t offset = 0, bytes = 0;
  bool operator==(const ByteRange&) const = default;
};

// As File::read_at, but what cannot be read comes as zeros: the blocks of the file system that hold it, no more. They are added to `given_up`,
// neighbours as one range when reads come in order. An error only where the file cannot even tell its size.
Result<std::size_t> read_around(const File& file, std::uint64_t offset, std::span<std::byte> into,
                                std::vector<ByteRange>* given_up = nullptr);

}  // namespace penstock::journal
