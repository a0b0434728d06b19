// What a provider says of itself (OpenID Connect Discovery 1.0), and whether that can be relied on. Pure.
#pragma once

#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::auth {

struct OidcProvider {
  enum class SecretBy { basic, form };

  std::string issuer;
  std::string authorization_endpoint, token_endpoint, jwks_uri;
  std::string end_session_endpoint, userinfo_endpoint;  // or empty
  SecretBy secret_by = SecretBy::basic;   // how it wants the client's secret
  bool names_itself_in_answers = false;   // RFC 9207: then an answer without its `iss` is refused
};

// Where the document of an issuer stands. config_error when no issuer has such a name: https, and http for loopback hosts only; without query
// and fragment.
Result<std::string> discovery_url(std::string_view issuer);

// Errors (unavailable) tell which member is missing or wrong: another issuer, an endpoint in the clear, no code flow, no S256, no algorithm
// that is taken here.
Result<OidcProvider> parse_discovery(std::string_view json, std::string_view issuer);

}  // namespace penstock::auth
