// Tokens are known by their SHA-256 alone.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace penstock::auth {

using TokenDigest = std::array<unsigned char, 32>;

TokenDigest digest_of(std::string_view token);
// Takes the same time whatever the bytes are.
bool same_digest(const TokenDigest& a, const TokenDigest& b);

// 64 lower-case hexadecimal digits.
std::string to_hex(const TokenDigest& digest);
std::optional<TokenDigest> digest_from_hex(std::string_view hex);

}  // namespace penstock::auth
