// base64url of RFC 4648, without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock {

std::string to_base64url(std::string_view bytes);
// nullopt when a character is not of the alphabet.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace penstock
