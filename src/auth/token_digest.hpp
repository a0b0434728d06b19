// Tokens are known by their SHA-256 alone.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/hex.hpp"
#include "base/sha256.hpp"

namespace penstock::auth {

using TokenDigest = Sha256Digest;

inline TokenDigest digest_of(std::string_view token) { return sha256(token); }
// Takes the same time whatever the bytes are. (CRYPTO_memcmp goes byte by byte: 40 ns.)
inline bool same_digest(const TokenDigest& a, const TokenDigest& b) {
  std::array<std::uint64_t, sizeof(TokenDigest) / 8> left, right;
  std::memcpy(left.data(), a.data(), a.size());
  std::memcpy(right.data(), b.data(), b.size());
  std::uint64_t different = 0;
  for (std::size_t i = 0; i < left.size(); ++i) different |= left[i] ^ right[i];
  return different == 0;
}

// Of what to_hex() of base/hex.hpp made.
std::optional<TokenDigest> digest_from_hex(std::string_view hex);

}  // namespace penstock::auth
