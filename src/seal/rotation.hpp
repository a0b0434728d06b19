// A new outer key in the place of the old one. Nothing that is sealed is touched: only the keys under the outer key are wrapped anew.
//
// The steps, each whole or not at all: the new key stands before the old one in the key file; the ring is wrapped under it; the store's keys
// are, in one transaction; the old one leaves the key file. Whoever starts in between finds both keys and opens everything. A rotation that
// was cut off is finished by the next one.
#pragma once

#include <cstdint>
#include <string>

#include "penstock/core/result.hpp"
#include "penstock/ports/data_keys.hpp"
#include "seal/outer_key.hpp"

namespace penstock::seal {

struct Rotated {
  std::string from, to;           // fingerprints
  std::uint64_t roots = 0, data_keys = 0;
  bool resumed = false;           // an earlier one was finished
  bool old_key_to_remove = false; // the key is not in a file of ours: it still holds the old one
};

// Beside a running server, which takes the new ring with its next segment. config_error: the key comes from the environment or a credential, and
// no new one stands before the old; unavailable: the store is away, and the key file holds both keys until this is done again.
Result<Rotated> rotate(const KeySource& source, const std::string& data_dir, Cipher cipher, DataKeyStore& store);

}  // namespace penstock::seal
