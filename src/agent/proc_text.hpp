// The small text files of /proc and /sys, taken apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace penstock::agent {

std::vector<std::string_view> lines_of(std::string_view text);
std::vector<std::string_view> words_of(std::string_view line);
std::optional<std::uint64_t> to_count(std::string_view word);
std::optional<double> to_real(std::string_view word);

}  // namespace penstock::agent
