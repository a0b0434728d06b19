// rooms: auth
// Any bytes as the file of known identities: they are read or refused, and what was read is written as it was.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/kept_identities.hpp"
#include "base/bytes.hpp"
#include "base/crc32c.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // With a checksum that fits, so that the rest is looked at; as this and as earlier versions wrote it.
  for (const char* magic : {"PSTKID1\n", "PSTKID2\n", "PSTKID3\n", "PSTKID4\n"}) {
    std::string bytes = magic + std::string(reinterpret_cast<const char*>(data), size);
    penstock::append_fixed32(bytes, penstock::crc32c(bytes));
    if (const auto kept = penstock::auth::kept_identities(bytes)) {
      const std::string again = penstock::auth::keep_identities(*kept);
      const auto second = penstock::auth::kept_identities(again);
      if (!second || penstock::auth::keep_identities(*second) != again) std::abort();
    }
  }
  (void)penstock::auth::kept_identities(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
