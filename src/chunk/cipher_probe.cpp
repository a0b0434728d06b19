#include "chunk/cipher_probe.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "chunk/chunk_options.hpp"
#include "chunk/compressor.hpp"

namespace penstock::chunk {
namespace {

constexpr std::size_t kBlock = 16u << 10;
constexpr std::size_t kTag = 16;

using Bytes = std::array<unsigned char, kBlock>;

const EVP_CIPHER* openssl_cipher(Cipher cipher) {
  return cipher == Cipher::aes_256_gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
}

Error wrong(const char* what) {
  return {ErrorCode::internal, std::string("OpenSSL ") + what + ": this machine or its libcrypto cannot be trusted with sealing.", ""};
}

// One block sealed and opened under keys that are used for nothing else.
class Block {
 public:
  explicit Block(Cipher cipher) : cipher_(openssl_cipher(cipher)) {}

  bool seal(std::uint64_t number) {
    for (std::size_t i = 0; i < 8; ++i) nonce_[i] = static_cast<unsigned char>(number >> 8 * i);
    int size = 0;
    return EVP_EncryptInit_ex(context_.get(), cipher_, nullptr, key_.data(), nonce_.data()) == 1 &&
           EVP_EncryptUpdate(context_.get(), sealed_.data(), &size, plain_.data(), static_cast<int>(kBlock)) == 1 &&
           EVP_EncryptFinal_ex(context_.get(), sealed_.data() + size, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTag, tag_.data()) == 1;
  }

  bool opens() {
    Bytes opened{};
    int size = 0;
    return EVP_DecryptInit_ex(context_.get(), cipher_, nullptr, key_.data(), nonce_.data()) == 1 &&
           EVP_DecryptUpdate(context_.get(), opened.data(), &size, sealed_.data(), static_cast<int>(kBlock)) == 1 &&
           EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTag, tag_.data()) == 1 &&
           EVP_DecryptFinal_ex(context_.get(), opened.data() + size, &size) == 1 && opened == plain_;
  }

  void spoil() { sealed_[kBlock / 2] ^= 1; }

 private:
  const EVP_CIPHER* cipher_;
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  std::array<unsigned char, 32> key_{1, 2, 3};
  std::array<unsigned char, 12> nonce_{};
  std::array<unsigned char, kTag> tag_{};
  Bytes plain_{}, sealed_{};
};

std::string lines_like_logs() {
  std::string text;
  for (int i = 0; text.size() < 256u << 10; ++i) {
    text += "GET /catalog/item/" + std::to_string(i * 7919 % 100'000) + " answered 200 in " + std::to_string(i % 97) + " ms\n";
  }
  return text;
}

double rate(std::uint64_t bytes, std::chrono::steady_clock::duration time) {
  return static_cast<double>(bytes) / std::max(std::chrono::duration<double>(time).count(), 1e-9);
}

}  // namespace

Result<double> cipher_rate(Cipher cipher, const Clock& clock, std::chrono::milliseconds time) {
  const auto block = std::make_unique<Block>(cipher);
  std::uint64_t blocks = 0;
  const auto begin = clock.steady_now();
  do {
    if (!block->seal(++blocks)) return wrong("cannot seal");
  } while (clock.steady_now() < begin + time);
  const double found = rate(blocks * kBlock, clock.steady_now() - begin);
  if (!block->opens()) return wrong("gives back other bytes than it sealed");
  block->spoil();
  if (block->opens()) return wrong("opens bytes that were changed");
  return found;
}

Result<double> packing_rate(const Clock& clock, std::chrono::milliseconds time) {
  const std::string text = lines_like_logs();
  Compressor compressor(WriteOptions{}.zstd_level);
  std::string packed;
  std::uint64_t bytes = 0;
  const auto begin = clock.steady_now();
  do {
    packed = compressor.pack(text);
    bytes += text.size();
  } while (clock.steady_now() < begin + time);
  const double found = rate(bytes, clock.steady_now() - begin);
  const auto back = Decompressor().unpack(packed);
  if (!back || *back != text) return Error{ErrorCode::internal, "zstd gives back other bytes than it packed.", ""};
  return found;
}

}  // namespace penstock::chunk
