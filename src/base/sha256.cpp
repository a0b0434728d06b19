#include "base/sha256.hpp"

#include <openssl/evp.h>

#include <stdexcept>

#include "base/hex.hpp"

namespace penstock {

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }

  static const EVP_MD* algorithm() {
    static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // kept for the life of the process
    return found;
  }
  static void must(bool done) {
    if (!done) throw std::runtime_error("OpenSSL cannot compute SHA-256.");
  }
  void begin() { must(context != nullptr && algorithm() != nullptr && EVP_DigestInit_ex2(context, algorithm(), nullptr) == 1); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) { state_->begin(); }
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) { State::must(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1); }

Sha256Digest Sha256::digest() {
  Sha256Digest digest{};
  unsigned int size = 0;
  State::must(EVP_DigestFinal_ex(state_->context, digest.data(), &size) == 1 && size == digest.size());
  state_->begin();
  return digest;
}

Sha256Digest sha256(std::string_view bytes) {
  thread_local Sha256 sum;
  sum.add(bytes);
  return sum.digest();
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

}  // namespace penstock
