// Bytes sealed under a data key, and opened again: nobody without the key reads or changes them, or moves them to another place.
//
// Sealed bytes: one byte of the cipher, then for aes_256_gcm and chacha20_poly1305
//
//     salt (12) · nonce (12) · ciphertext · tag (16)
//
// under the key HMAC-SHA256(data key, "penstock seal 1" · cipher byte · salt), with the associated data as given; and for fernet a token of
// the Fernet specification as bytes (seal/fernet.hpp), of the SHA-256 of the associated data and the plain text behind it, under the same
// derivation with no salt.
//
// Why no (key, nonce) pair comes twice. A nonce of 96 random bits alone is safe for 2^32 messages of a key (NIST SP 800-38D, 8.3); data keys
// outlive restarts, are shared by servers on one Postgres, and a data folder may be copied and go on in two places, so counters are no
// choice: two places would count alike. Here 192 bits are drawn, half of them (the salt) once for each data key and process or journal
// segment, half for each message, all from getrandom(2), which the kernel reseeds also when a virtual machine is resumed twice. A pair
// comes again only where both halves do. That is the idea of XAES-256-GCM (C2SP), with HMAC in the place of CMAC since it serves both
// ciphers, and with a salt that stays for a while since it spares the key schedule.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"
#include "seal/secret_key.hpp"

namespace penstock::seal {

enum class Cipher : std::uint8_t { aes_256_gcm = 1, chacha20_poly1305 = 2, fernet = 3 };

using Salt = std::array<unsigned char, 12>;

inline constexpr std::size_t kAeadOverhead = 1 + sizeof(Salt) + 12 + 16;

// AES-256-GCM where the CPU has instructions for it, else ChaCha20-Poly1305, which is then several times faster.
Cipher faster_cipher();
// "aes-256-gcm", "chacha20-poly1305", "fernet".
std::string_view cipher_name(Cipher cipher);
std::optional<Cipher> cipher_named(std::string_view name);

Salt random_salt();

// Appends the sealed bytes to `out`. One context a thread is kept with the last key set in it, so that many messages under one key and salt
// cost no key schedule and, where `out` has the room, no allocation. internal: OpenSSL refused, and `out` is as it was.
Result<void> seal_onto(std::string& out, Cipher cipher, const SecretKey& key, const Salt& salt, std::string_view associated, std::string_view plain);

// corrupt: the bytes are none that this key sealed for this place, or they were changed.
Result<std::string> open_sealed(const SecretKey& key, std::string_view associated, std::string_view sealed);

}  // namespace penstock::seal
