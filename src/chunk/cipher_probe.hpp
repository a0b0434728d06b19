// How fast this CPU seals and packs, and whether it does so rightly: what sealing at rest and storing will cost.
#pragma once

#include <chrono>

#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"

namespace penstock::chunk {

enum class Cipher { aes_256_gcm, chacha20_poly1305 };

// Bytes a second of one thread, sealing blocks of 16 KiB for about `time`. `internal` when OpenSSL has not got the cipher, gives back
// other bytes than went in, or opens a block that was changed.
Result<double> cipher_rate(Cipher cipher, const Clock& clock, std::chrono::milliseconds time);

// Bytes a second of one thread, packing text like logs with zstd at the level of a fresh chunk; internal when it does not come back.
Result<double> packing_rate(const Clock& clock, std::chrono::milliseconds time);

}  // namespace penstock::chunk
