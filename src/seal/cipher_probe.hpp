// How fast this CPU seals, and whether it does so rightly: what sealing at rest will cost.
#pragma once

#include <chrono>

#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"
#include "seal/aead.hpp"

namespace penstock::seal {

// Bytes a second of one thread, sealing blocks of 16 KiB for about `time`. `internal` when OpenSSL has not got the cipher, gives back
// other bytes than went in, or opens a block that was changed.
Result<double> cipher_rate(Cipher cipher, const Clock& clock, std::chrono::milliseconds time);

}  // namespace penstock::seal
