// What a name may be.
#pragma once

#include <cstddef>
#include <string_view>

namespace penstock {

inline constexpr std::size_t kMaxDeploymentBytes = 64;

// 1 to 64 of A–Z a–z 0–9 . _ - ; but not "." and "..", which no path of a URL can name.
bool is_deployment_name(std::string_view name);
inline constexpr std::string_view kDeploymentNameRule =
    "A deployment's name is 1 to 64 letters, digits, dots, dashes and underscores, and is not . or .. alone.";
// 1 to `max_bytes` bytes without control characters (below 0x20, and 0x7f).
bool is_name(std::string_view name, std::size_t max_bytes);

}  // namespace penstock
