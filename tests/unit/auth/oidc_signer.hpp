// An identity provider's keys for tests, which sign whatever they are told to.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/base64.hpp"

namespace penstock::auth::test {

using nlohmann::json;

class Signer {
 public:
  enum class Kind { rsa, p256, ed25519 };

  explicit Signer(Kind kind, std::string kid = "k1", unsigned rsa_bits = 2048) : kind_(kind), kid_(std::move(kid)) {
    EVP_PKEY* made = kind == Kind::rsa ? EVP_RSA_gen(rsa_bits) : kind == Kind::p256 ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    key_.reset(made);
  }

  const char* algorithm() const { return kind_ == Kind::rsa ? "RS256" : kind_ == Kind::p256 ? "ES256" : "EdDSA"; }

  // The public half, as it would stand in a JWKS.
  json jwk() const {
    json made = {{"kid", kid_}, {"use", "sig"}, {"alg", algorithm()}};
    if (kind_ == Kind::rsa) {
      made["kty"] = "RSA";
      made["n"] = number(OSSL_PKEY_PARAM_RSA_N);
      made["e"] = number(OSSL_PKEY_PARAM_RSA_E);
    } else if (kind_ == Kind::p256) {
      made["kty"] = "EC";
      made["crv"] = "P-256";
      made["x"] = number(OSSL_PKEY_PARAM_EC_PUB_X, 32);
      made["y"] = number(OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    } else {
      std::array<unsigned char, 32> raw{};
      std::size_t size = raw.size();
      EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size);
      made["kty"] = "OKP";
      made["crv"] = "Ed25519";
      made["x"] = to_base64url(text(raw.data(), size));
    }
    return made;
  }

  std::string jwks() const { return json{{"keys", {jwk()}}}.dump(); }

  // A whole token. `header` is taken as it is.
  std::string token(const json& payload, const json& header) const {
    const std::string signed_text = to_base64url(header.dump()) + "." + to_base64url(payload.dump());
    return signed_text + "." + to_base64url(signature(signed_text));
  }
  std::string token(const json& payload) const { return token(payload, {{"alg", algorithm()}, {"kid", kid_}, {"typ", "JWT"}}); }

  std::string signature(const std::string& signed_text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestSignInit(context.get(), nullptr, kind_ == Kind::ed25519 ? nullptr : EVP_sha256(), nullptr, key_.get());
    const auto* bytes = reinterpret_cast<const unsigned char*>(signed_text.data());
    std::size_t size = 0;
    EVP_DigestSign(context.get(), nullptr, &size, bytes, signed_text.size());
    std::vector<unsigned char> made(size);
    EVP_DigestSign(context.get(), made.data(), &size, bytes, signed_text.size());
    if (kind_ != Kind::p256) return text(made.data(), size);
    const unsigned char* at = made.data();
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), ECDSA_SIG_free);
    std::array<unsigned char, 64> raw{};
    BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), raw.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), raw.data() + 32, 32);
    return text(raw.data(), raw.size());
  }

 private:
  static std::string text(const unsigned char* bytes, std::size_t size) { return {reinterpret_cast<const char*>(bytes), size}; }

  std::string number(const char* name, int width = 0) const {
    BIGNUM* found = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &found);
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> value(found, BN_free);
    std::vector<unsigned char> bytes(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(value.get())));
    BN_bn2binpad(value.get(), bytes.data(), static_cast<int>(bytes.size()));
    return to_base64url(text(bytes.data(), bytes.size()));
  }

  Kind kind_;
  std::string kid_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_{nullptr, EVP_PKEY_free};
};

// A token whose signature is a code made with a secret: HS256.
inline std::string hmac_token(const json& payload, const json& header, const std::string& secret) {
  const std::string signed_text = to_base64url(header.dump()) + "." + to_base64url(payload.dump());
  std::array<unsigned char, 32> code{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), code.data(), &size);
  return signed_text + "." + to_base64url({reinterpret_cast<const char*>(code.data()), size});
}

}  // namespace penstock::auth::test
