// 256 bits that must not be left lying about in memory.
#pragma once

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace penstock::seal {

// Wiped when it goes; copies are wiped by themselves.
class SecretKey {
 public:
  static constexpr std::size_t kBytes = 32;

  SecretKey() = default;
  explicit SecretKey(std::string_view bytes) { std::copy_n(bytes.begin(), std::min(bytes.size(), kBytes), bytes_.begin()); }
  SecretKey(const SecretKey&) = default;
  SecretKey& operator=(const SecretKey&) = default;
  ~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  const unsigned char* data() const { return bytes_.data(); }
  unsigned char* data() { return bytes_.data(); }
  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  bool operator==(const SecretKey& other) const { return CRYPTO_memcmp(data(), other.data(), kBytes) == 0; }

 private:
  std::array<unsigned char, kBytes> bytes_{};
};

}  // namespace penstock::seal
