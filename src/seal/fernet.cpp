#include "seal/fernet.hpp"
#include "base/freed.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <limits>
#include <memory>

namespace penstock::seal {
namespace {

constexpr char kVersion = static_cast<char>(0x80);
constexpr std::size_t kHalf = 16, kBlock = 16, kMac = 32, kHead = 1 + 8 + kBlock;

using Mac = std::array<unsigned char, kMac>;

const unsigned char* raw_bytes(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Mac sign(const SecretKey& key, std::string_view bytes) {
  Mac mac;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), kHalf, raw_bytes(bytes), bytes.size(), mac.data(), &size);
  return mac;
}

// Appends what comes of `in`; false also when the padding is none.
bool crypt(std::string& out, const SecretKey& key, const unsigned char* start, std::string_view in, bool sealing) {
  if (in.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) - kBlock) return false;
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> context(EVP_CIPHER_CTX_new());
  const std::size_t before = out.size();
  out.resize(before + in.size() + kBlock);
  auto* const at = reinterpret_cast<unsigned char*>(out.data()) + before;
  int size = 0, rest = 0;
  if (!context || EVP_CipherInit_ex(context.get(), EVP_aes_128_cbc(), nullptr, key.data() + kHalf, start, sealing) != 1 ||
      EVP_CipherUpdate(context.get(), at, &size, raw_bytes(in), static_cast<int>(in.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), at + size, &rest) != 1) {
    return false;
  }
  out.resize(before + static_cast<std::size_t>(size + rest));
  return true;
}

}  // namespace

bool append_fernet(std::string& out, const SecretKey& key, std::uint64_t seconds, const std::array<unsigned char, 16>& start, std::string_view plain) {
  const std::size_t before = out.size();
  out.push_back(kVersion);
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(seconds >> shift & 0xff));
  out.append(reinterpret_cast<const char*>(start.data()), start.size());
  if (!crypt(out, key, start.data(), plain, true)) return false;
  const Mac mac = sign(key, std::string_view(out).substr(before));
  out.append(reinterpret_cast<const char*>(mac.data()), mac.size());
  return true;
}

std::optional<std::string> open_fernet(const SecretKey& key, std::string_view token) {
  if (token.size() < kHead + kBlock + kMac || token[0] != kVersion || (token.size() - kHead - kMac) % kBlock != 0) return std::nullopt;
  const std::string_view signed_part = token.substr(0, token.size() - kMac);
  const Mac mac = sign(key, signed_part);
  if (CRYPTO_memcmp(mac.data(), token.data() + signed_part.size(), kMac) != 0) return std::nullopt;
  std::string plain;
  if (!crypt(plain, key, raw_bytes(token) + 1 + 8, signed_part.substr(kHead), false)) return std::nullopt;
  return plain;
}

}  // namespace penstock::seal
