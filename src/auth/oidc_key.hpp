// One public key of an identity provider (RFC 7517), and whether it signed something. By OpenSSL: Debian's libjose 11 knows no EdDSA.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::auth {

enum class JwsAlgorithm { rs256, es256, eddsa };
// "RS256", "ES256", "EdDSA": as tokens and keys spell them.
std::string_view name_of(JwsAlgorithm algorithm);

// A value that is cheap to copy; may be used by many threads.
class OidcKey {
 public:
  // From a JWK as JSON. The key's kind decides the one algorithm it is for; no token has a say in that. Errors (invalid_value) tell why a
  // key is left out: of another kind or curve, for another algorithm or use, too short, with its private half in it, malformed.
  static Result<OidcKey> from_jwk(std::string_view json);

  const std::string& id() const { return id_; }  // "kid"; may be empty
  JwsAlgorithm algorithm() const { return algorithm_; }
  // `signature` as in a JWS: for ES256 the two numbers of 32 bytes behind each other.
  bool signed_this(std::string_view text, std::string_view signature) const;

 private:
  struct Material;
  OidcKey(std::string id, JwsAlgorithm algorithm, std::shared_ptr<const Material> material);

  std::string id_;
  JwsAlgorithm algorithm_;
  std::shared_ptr<const Material> material_;
};

}  // namespace penstock::auth
