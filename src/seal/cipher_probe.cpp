#include "seal/cipher_probe.hpp"

#include <algorithm>
#include <cstdint>
#include <string>

#include "seal/random.hpp"

namespace penstock::seal {
namespace {

constexpr std::size_t kProbeBlock = 16u << 10;
constexpr std::string_view kProbePlace = "selftest";

Error not_to_be_trusted(const char* what) {
  return {ErrorCode::internal, std::string("OpenSSL ") + what + ": this machine or its libcrypto cannot be trusted with sealing.", ""};
}

}  // namespace

Result<double> cipher_rate(Cipher cipher, const Clock& clock, std::chrono::milliseconds time) {
  const SecretKey key = random_key();
  const Salt salt = random_salt();
  std::string plain(kProbeBlock, '\0'), sealed;
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] = static_cast<char>(i * 31);
  std::uint64_t blocks = 0;
  const auto begin = clock.steady_now();
  do {
    sealed.clear();
    if (!seal_onto(sealed, cipher, key, salt, kProbePlace, plain)) return not_to_be_trusted("cannot seal");
    ++blocks;
  } while (clock.steady_now() < begin + time);
  const double seconds = std::chrono::duration<double>(clock.steady_now() - begin).count();
  const auto opened = open_sealed(key, kProbePlace, sealed);
  if (!opened || *opened != plain) return not_to_be_trusted("gives back other bytes than it sealed");
  sealed[sealed.size() / 2] = static_cast<char>(sealed[sealed.size() / 2] ^ 1);
  if (open_sealed(key, kProbePlace, sealed)) return not_to_be_trusted("opens bytes that were changed");
  return static_cast<double>(blocks * kProbeBlock) / std::max(seconds, 1e-9);
}

}  // namespace penstock::seal
