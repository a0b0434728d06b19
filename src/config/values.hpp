// Texts of option values: sizes, durations, numbers, switches.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::config {

// "512", "64KiB", "16 MiB", "2GiB" (also K, M, G, k, KB … as powers of 1,024).
Result<std::uint64_t> parse_bytes(std::string_view text);
std::string format_bytes(std::uint64_t bytes);
// "250ms", "5s", "15m", "1h30m", "30d"; "0" is none.
Result<std::int64_t> parse_duration_or_zero(std::string_view text);
std::string format_duration(std::int64_t ns);
Result<bool> parse_switch(std::string_view text);  // true/false, yes/no, on/off, 1/0
Result<std::uint64_t> parse_number(std::string_view text);

}  // namespace penstock::config
