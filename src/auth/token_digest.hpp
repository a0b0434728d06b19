// Tokens are known by their SHA-256 alone.
#pragma once

#include <optional>
#include <string_view>

#include "base/hex.hpp"
#include "base/sha256.hpp"

namespace penstock::auth {

using TokenDigest = Sha256Digest;

inline TokenDigest digest_of(std::string_view token) { return sha256(token); }
// Takes the same time whatever the bytes are.
bool same_digest(const TokenDigest& a, const TokenDigest& b);

// Of what to_hex() of base/hex.hpp made.
std::optional<TokenDigest> digest_from_hex(std::string_view hex);

}  // namespace penstock::auth
