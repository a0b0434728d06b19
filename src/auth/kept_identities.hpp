// The identities as bytes of a file, for a server that starts while the store is away.
//
// "PSTKID4\n", when the store said so, and all of it, as kept_identities.cpp walks through it: numbers as zigzag varints, texts with their length before
// them, lists with their count; then the CRC-32C of all that. Passwords and providers' secrets are left out:
// nobody logs in while the store is away.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

struct KeptIdentities {
  Identities identities;
  Timestamp known_at;
};

std::string keep_identities(const KeptIdentities& kept);
// nullopt: they are no such bytes, or damaged, or of another version of the program. Takes any bytes.
std::optional<KeptIdentities> kept_identities(std::string_view bytes);

}  // namespace penstock::auth
