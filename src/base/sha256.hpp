// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace penstock {

using Sha256Digest = std::array<unsigned char, 32>;

// Of bytes that come in pieces. Not thread-safe. Throws std::runtime_error when OpenSSL cannot.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);
  Sha256Digest digest();  // of all since the beginning or the last digest(); begins anew

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Cheap enough for every request: neither the algorithm nor memory is looked for again. Any thread.
Sha256Digest sha256(std::string_view bytes);
// 64 lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace penstock
