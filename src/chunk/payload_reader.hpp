// How readers get at a chunk's payload.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "penstock/core/result.hpp"

namespace penstock::chunk {

// Bytes [offset, offset + size) of a chunk's payload; one call is one round trip to the store. Fewer bytes than asked for are an error
// to the reader (corrupt).
using PayloadReader = std::function<Result<std::string>(std::uint32_t offset, std::uint32_t size)>;

// Over a payload in memory (live data, merging), which must outlive the reader.
PayloadReader payload_in_memory(const std::string& payload);

}  // namespace penstock::chunk
