#include "auth/oidc_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>
#include <nlohmann/json.hpp>

#include "auth/oidc_json.hpp"
#include "base/freed.hpp"

namespace penstock::auth {
namespace {

using nlohmann::json;

constexpr std::size_t kLeastRsaBits = 2048, kMostRsaBits = 8192;
constexpr std::size_t kPart = 32;  // of a P-256 point or signature, and an Ed25519 key

using PublicKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using ParameterBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;

const unsigned char* bytes_of(std::string_view text) { return static_cast<const unsigned char*>(static_cast<const void*>(text.data())); }

Number number_of(std::string_view bytes) { return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr)); }

Error left_out(const std::string& why) { return {ErrorCode::invalid_value, "A key of the provider is left out: " + why + ".", "jwks"}; }

std::string member_bytes(const json& jwk, const char* name) {
  const auto encoded = text_member(jwk, name);
  return encoded ? strict_base64url(*encoded).value_or("") : std::string();
}

PublicKey build(const char* kind, OSSL_PARAM_BLD* builder) {
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* made = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1) return nullptr;
  if (EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) return nullptr;
  PublicKey key(made);
  const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(key) : nullptr;
}

PublicKey rsa_key(const json& jwk) {
  const std::string modulus = member_bytes(jwk, "n"), exponent = member_bytes(jwk, "e");
  // An exponent of more than 4 bytes only costs time, for whoever sends us tokens.
  if (modulus.empty() || exponent.empty() || exponent.size() > 4 || modulus.size() > kMostRsaBits / 8) return nullptr;
  const Number n = number_of(modulus), e = number_of(exponent);
  if (!n || !e || static_cast<std::size_t>(BN_num_bits(n.get())) < kLeastRsaBits || !BN_is_odd(e.get()) || BN_is_one(e.get())) return nullptr;
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1) return nullptr;
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) return nullptr;
  return build("RSA", builder.get());
}

PublicKey p256_key(const json& jwk) {
  const std::string x = member_bytes(jwk, "x"), y = member_bytes(jwk, "y");
  if (x.size() != kPart || y.size() != kPart) return nullptr;
  const std::string point = '\x04' + x + y;
  const ParameterBuilder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1) return nullptr;
  if (OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) return nullptr;
  return build("EC", builder.get());
}

PublicKey ed25519_key(const json& jwk) {
  const std::string x = member_bytes(jwk, "x");
  if (x.size() != kPart) return nullptr;
  return PublicKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(x), x.size()));
}

std::optional<JwsAlgorithm> algorithm_for(std::string_view kind, std::string_view curve) {
  if (kind == "RSA") return JwsAlgorithm::rs256;
  if (kind == "EC" && curve == "P-256") return JwsAlgorithm::es256;
  if (kind == "OKP" && curve == "Ed25519") return JwsAlgorithm::eddsa;
  return std::nullopt;
}

// OpenSSL reads signatures of this kind as DER only.
std::string der_signature(std::string_view two_numbers) {
  if (two_numbers.size() != 2 * kPart) return {};
  const std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>> signature(ECDSA_SIG_new());
  Number r = number_of(two_numbers.substr(0, kPart)), s = number_of(two_numbers.substr(kPart));
  if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return {};
  r.release(), s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return {};
  std::string out(static_cast<const char*>(static_cast<const void*>(der)), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool verifies_at_all(const json& jwk) {
  const auto use = jwk.find("use");
  if (use != jwk.end() && *use != "sig") return false;
  const auto operations = jwk.find("key_ops");
  if (operations == jwk.end()) return true;
  if (!operations->is_array()) return false;
  for (const json& operation : *operations) {
    if (operation == "verify") return true;
  }
  return false;
}

}  // namespace

struct OidcKey::Material {
  PublicKey key;
};

OidcKey::OidcKey(std::string id, JwsAlgorithm algorithm, std::shared_ptr<const Material> material)
    : id_(std::move(id)), algorithm_(algorithm), material_(std::move(material)) {}

std::string_view name_of(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::rs256: return "RS256";
    case JwsAlgorithm::es256: return "ES256";
    case JwsAlgorithm::eddsa: return "EdDSA";
  }
  return "";
}

Result<OidcKey> OidcKey::from_jwk(std::string_view text) {
  const auto jwk = parse_object(text);
  if (!jwk) return left_out("it is no JSON object");
  const std::string kind = text_member(*jwk, "kty").value_or(""), curve = text_member(*jwk, "crv").value_or("");
  const auto algorithm = algorithm_for(kind, curve);
  if (!algorithm) return left_out("its kind \"" + kind + (curve.empty() ? "" : " " + curve) + "\" is not taken");
  const auto named = jwk->find("alg");
  if (named != jwk->end() && *named != name_of(*algorithm)) return left_out("it is for another algorithm than " + std::string(name_of(*algorithm)));
  if (!verifies_at_all(*jwk)) return left_out("it is not for signatures");
  if (jwk->contains("d")) return left_out("its private half is public, so that anybody can sign with it");
  const auto id = jwk->find("kid");
  if (id != jwk->end() && !id->is_string()) return left_out("its kid is no text");
  PublicKey key = *algorithm == JwsAlgorithm::rs256 ? rsa_key(*jwk) : *algorithm == JwsAlgorithm::es256 ? p256_key(*jwk) : ed25519_key(*jwk);
  if (!key) return left_out("its numbers make no " + kind + " key, or one that is too short");
  auto material = std::make_shared<Material>();
  material->key = std::move(key);
  return OidcKey(id == jwk->end() ? "" : id->get<std::string>(), *algorithm, std::move(material));
}

bool OidcKey::signed_this(std::string_view text, std::string_view given) const {
  std::string signature(given);
  if (algorithm_ == JwsAlgorithm::es256) signature = der_signature(given);
  const DigestContext context(EVP_MD_CTX_new());
  if (signature.empty() || !context) return false;
  const EVP_MD* digest = algorithm_ == JwsAlgorithm::eddsa ? nullptr : EVP_sha256();
  // RSA's padding is PKCS #1 v1.5 by default, which is RS256.
  if (EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, material_->key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

}  // namespace penstock::auth
