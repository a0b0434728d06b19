// Each thread keeps one context that seals and one that opens: setting a key costs more than sealing a short frame.
#include "seal/aead.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstring>
#include <ctime>
#include <limits>
#include <memory>

#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include "base/freed.hpp"
#include "base/sha256.hpp"
#include "seal/fernet.hpp"
#include "seal/random.hpp"

namespace penstock::seal {
namespace {

constexpr std::size_t kNonce = 12, kTag = 16;

Error broken() { return {ErrorCode::corrupt, "Sealed bytes do not verify: they were changed, or belong elsewhere.", ""}; }
Error refused() { return {ErrorCode::internal, "OpenSSL cannot seal with this cipher: see penstock selftest.", ""}; }

unsigned char* raw(char* at) { return reinterpret_cast<unsigned char*>(at); }
const unsigned char* raw(const char* at) { return reinterpret_cast<const unsigned char*>(at); }

SecretKey derive(const SecretKey& key, Cipher cipher, std::string_view salt) {
  constexpr std::string_view kLabel = "penstock seal 1";
  std::array<unsigned char, 15 + 1 + sizeof(Salt)> input;
  static_assert(kLabel.size() == 15);
  std::memcpy(input.data(), kLabel.data(), kLabel.size());
  input[kLabel.size()] = static_cast<unsigned char>(cipher);
  std::memcpy(input.data() + kLabel.size() + 1, salt.data(), salt.size());
  SecretKey derived;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), SecretKey::kBytes, input.data(), kLabel.size() + 1 + salt.size(), derived.data(), &size);
  return derived;
}

class Context {
 public:
  explicit Context(bool sealing) : sealing_(sealing) {}

  // The context with this key and nonce set; null when OpenSSL refuses.
  EVP_CIPHER_CTX* with(Cipher cipher, const SecretKey& key, std::string_view salt, const unsigned char* nonce) {
    if (!context_) return nullptr;
    const bool same = cipher == cipher_ && std::memcmp(salt.data(), salt_.data(), salt_.size()) == 0 && key == key_;
    if (!same) {
      cipher_.reset();
      const EVP_CIPHER* kind = cipher == Cipher::aes_256_gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
      const SecretKey derived = derive(key, cipher, salt);
      if (EVP_CipherInit_ex(context_.get(), kind, nullptr, derived.data(), nonce, sealing_) != 1) return nullptr;
      cipher_ = cipher;
      key_ = key;
      std::memcpy(salt_.data(), salt.data(), salt_.size());
      return context_.get();
    }
    return EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce, sealing_) == 1 ? context_.get() : nullptr;
  }

 private:
  const int sealing_;
  std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>> context_{EVP_CIPHER_CTX_new()};
  std::optional<Cipher> cipher_;
  SecretKey key_;
  Salt salt_{};
};

bool update(EVP_CIPHER_CTX* context, unsigned char* out, std::string_view in) {
  int size = 0;
  return in.size() <= std::numeric_limits<int>::max() &&
         EVP_CipherUpdate(context, out, &size, raw(in.data()), static_cast<int>(in.size())) == 1;
}

bool seal_at(char* out, Cipher cipher, const SecretKey& key, const Salt& salt, std::string_view associated, std::string_view plain) {
  thread_local Context sealing(true);
  *out++ = static_cast<char>(cipher);
  std::memcpy(out, salt.data(), salt.size());
  const std::string_view written_salt(out, salt.size());
  out += salt.size();
  unsigned char* const nonce = raw(out);
  fill_random({nonce, kNonce});
  out += kNonce;
  EVP_CIPHER_CTX* const context = sealing.with(cipher, key, written_salt, nonce);
  int size = 0;
  return context != nullptr && update(context, nullptr, associated) && update(context, raw(out), plain) &&
         EVP_CipherFinal_ex(context, raw(out) + plain.size(), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTag, out + plain.size()) == 1;
}

Result<std::string> open_aead(Cipher cipher, const SecretKey& key, std::string_view associated, std::string_view rest) {
  thread_local Context opening(false);
  const std::string_view salt = rest.substr(0, sizeof(Salt));
  const unsigned char* const nonce = raw(rest.data()) + sizeof(Salt);
  const std::string_view body = rest.substr(sizeof(Salt) + kNonce, rest.size() - sizeof(Salt) - kNonce - kTag);
  std::array<unsigned char, kTag> tag;
  std::memcpy(tag.data(), body.data() + body.size(), kTag);
  EVP_CIPHER_CTX* const context = opening.with(cipher, key, salt, nonce);
  if (context == nullptr) return refused();
  std::string plain(body.size(), '\0');
  int size = 0;
  if (!update(context, nullptr, associated) || !update(context, raw(plain.data()), body) ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTag, tag.data()) != 1 ||
      EVP_CipherFinal_ex(context, raw(plain.data()) + plain.size(), &size) != 1) {
    return broken();
  }
  return plain;
}

std::string bound(std::string_view associated) {
  const Sha256Digest digest = sha256(associated);
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

bool has_aes() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#elif defined(__aarch64__)
  constexpr unsigned long kAes = 1ul << 3, kPmull = 1ul << 4;  // HWCAP_AES, HWCAP_PMULL of Linux
  return (::getauxval(AT_HWCAP) & (kAes | kPmull)) == (kAes | kPmull);
#else
  return false;
#endif
}

}  // namespace

Cipher faster_cipher() {
  static const Cipher faster = has_aes() ? Cipher::aes_256_gcm : Cipher::chacha20_poly1305;
  return faster;
}

std::string_view cipher_name(Cipher cipher) {
  switch (cipher) {
    case Cipher::aes_256_gcm: return "aes-256-gcm";
    case Cipher::chacha20_poly1305: return "chacha20-poly1305";
    case Cipher::fernet: return "fernet";
  }
  return "unknown";
}

std::optional<Cipher> cipher_named(std::string_view name) {
  for (const Cipher cipher : {Cipher::aes_256_gcm, Cipher::chacha20_poly1305, Cipher::fernet}) {
    if (cipher_name(cipher) == name) return cipher;
  }
  return std::nullopt;
}

Salt random_salt() {
  Salt salt;
  fill_random(salt);
  return salt;
}

Result<void> seal_onto(std::string& out, Cipher cipher, const SecretKey& key, const Salt& salt, std::string_view associated, std::string_view plain) {
  const std::size_t before = out.size();
  if (cipher == Cipher::fernet) {
    std::string content = bound(associated);
    content += plain;
    out.push_back(static_cast<char>(cipher));
    std::array<unsigned char, 16> start;
    fill_random(start);
    if (append_fernet(out, derive(key, cipher, {}), static_cast<std::uint64_t>(std::time(nullptr)), start, content)) return {};
  } else {
    out.resize(before + kAeadOverhead + plain.size());
    if (seal_at(out.data() + before, cipher, key, salt, associated, plain)) return {};
  }
  out.resize(before);
  return refused();
}

Result<std::string> open_sealed(const SecretKey& key, std::string_view associated, std::string_view sealed) {
  if (sealed.empty()) return broken();
  const auto cipher = static_cast<Cipher>(sealed[0]);
  if (cipher == Cipher::fernet) {
    auto content = open_fernet(derive(key, cipher, {}), sealed.substr(1));
    if (!content || content->size() < sizeof(Sha256Digest) || content->compare(0, sizeof(Sha256Digest), bound(associated)) != 0) return broken();
    content->erase(0, sizeof(Sha256Digest));
    return std::move(*content);
  }
  if (cipher != Cipher::aes_256_gcm && cipher != Cipher::chacha20_poly1305) {
    return Error{ErrorCode::corrupt, "Sealed bytes name a cipher that is not known: they are damaged, or of a newer version.", ""};
  }
  if (sealed.size() < kAeadOverhead) return broken();
  return open_aead(cipher, key, associated, sealed.substr(1));
}

}  // namespace penstock::seal
