// Tokens of the Fernet specification (github.com/fernet/spec), for those whose rules name it: AES-128-CBC with HMAC-SHA256 over all of it.
// As bytes, without the base64url around them, which would cost a third more.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "seal/secret_key.hpp"

namespace penstock::seal {

// The first half of the key signs, the second encrypts. `start` is the initialization vector. False: OpenSSL refused; `out` may have grown.
bool append_fernet(std::string& out, const SecretKey& key, std::uint64_t seconds, const std::array<unsigned char, 16>& start, std::string_view plain);

// nullopt when it was not made with this key, was changed, or is none. How old it is does not matter: what is stored does not expire.
std::optional<std::string> open_fernet(const SecretKey& key, std::string_view token);

}  // namespace penstock::seal
