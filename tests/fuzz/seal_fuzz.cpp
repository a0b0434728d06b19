// rooms: seal
// Whatever lies where sealed bytes, a key ring or a key file should be: it opens as what it is, or is refused.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "seal/aead.hpp"
#include "seal/key_ring.hpp"
#include "seal/outer_key.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace penstock;
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(data[i]));
  const seal::SecretKey key(std::string(seal::SecretKey::kBytes, 'k'));
  if (const auto opened = seal::open_sealed(key, "place", bytes)) {
    // Only what was sealed with this key opens, and that says what it was.
    if (!opened->starts_with("corpus")) std::abort();
  }
  const seal::OuterKeys outer{seal::OuterKey(key)};
  (void)seal::unwrap(outer, "place", bytes, "fuzz");
  if (const auto ring = seal::KeyRing::parse(bytes, outer, "fuzz"); ring && ring->text() != bytes) std::abort();
  if (const auto keys = seal::OuterKeys::parse(bytes, "fuzz"); keys && keys->all().empty()) std::abort();
  return 0;
}
