// Which names are taken.
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock::ingest {

// 1 to 64 of A–Z a–z 0–9 . _ -
bool is_deployment_name(std::string_view name);
// 1 to `max_bytes` bytes without control characters (below 0x20, and 0x7f).
bool is_name(std::string_view name, std::size_t max_bytes);

}  // namespace penstock::ingest
