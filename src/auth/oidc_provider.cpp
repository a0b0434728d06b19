#include "auth/oidc_provider.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "auth/oidc_json.hpp"
#include "auth/oidc_key.hpp"
#include "http/client_url.hpp"

namespace penstock::auth {
namespace {

using nlohmann::json;

Error wrong_document(const std::string& why) { return {ErrorCode::unavailable, "The identity provider's description cannot be used: " + why + ".", "issuer"}; }

bool is_this_machine(const std::string& host) { return host == "localhost" || host == "127.0.0.1" || host == "::1"; }

bool is_safe(std::string_view url) {
  const auto parsed = http::parse_client_url(url);
  return parsed && url.find('#') == std::string_view::npos && (parsed->secure || is_this_machine(parsed->host));
}

// Absent: as the specification's default says, which is `absent`.
bool lists(const json& document, const char* name, std::string_view value, bool absent) {
  const auto list = document.find(name);
  if (list == document.end()) return absent;
  return list->is_array() && std::find(list->begin(), list->end(), value) != list->end();
}

bool signs_as_we_read(const json& document) {
  const char* name = "id_token_signing_alg_values_supported";
  for (const JwsAlgorithm algorithm : {JwsAlgorithm::rs256, JwsAlgorithm::es256, JwsAlgorithm::eddsa}) {
    if (lists(document, name, name_of(algorithm), algorithm == JwsAlgorithm::rs256)) return true;
  }
  return false;
}

}  // namespace

Result<std::string> discovery_url(std::string_view issuer) {
  if (!is_safe(issuer) || issuer.find('?') != std::string_view::npos) {
    return Error{ErrorCode::config_error, "\"" + std::string(issuer) + "\" is no issuer: it is an https:// URL without query and fragment, spelled as the provider spells it.", "issuer"};
  }
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer) + "/.well-known/openid-configuration";
}

Result<OidcProvider> parse_discovery(std::string_view text, std::string_view issuer) {
  const auto document = parse_object(text);
  if (!document) return wrong_document("it is no JSON object");
  OidcProvider provider;
  provider.issuer = text_member(*document, "issuer").value_or("");
  if (provider.issuer != issuer) return wrong_document("it names the issuer \"" + provider.issuer + "\" and not \"" + std::string(issuer) + "\"; both must be spelled alike");
  for (const auto& [name, place] : {std::pair{"authorization_endpoint", &provider.authorization_endpoint}, std::pair{"token_endpoint", &provider.token_endpoint},
                                    std::pair{"jwks_uri", &provider.jwks_uri}}) {
    *place = text_member(*document, name).value_or("");
    if (!is_safe(*place)) return wrong_document(std::string(name) + " is missing or no https:// URL");
  }
  for (const auto& [name, place] : {std::pair{"end_session_endpoint", &provider.end_session_endpoint}, std::pair{"userinfo_endpoint", &provider.userinfo_endpoint}}) {
    *place = text_member(*document, name).value_or("");
    if (!place->empty() && !is_safe(*place)) return wrong_document(std::string(name) + " is no https:// URL");
  }
  if (!lists(*document, "response_types_supported", "code", true)) return wrong_document("it does not offer the code flow");
  if (!lists(*document, "code_challenge_methods_supported", "S256", true)) return wrong_document("it does not offer PKCE with S256");
  if (!signs_as_we_read(*document)) return wrong_document("it signs with none of RS256, ES256 and EdDSA");
  const char* ways = "token_endpoint_auth_methods_supported";
  if (!lists(*document, ways, "client_secret_basic", true) && lists(*document, ways, "client_secret_post", false)) provider.secret_by = OidcProvider::SecretBy::form;
  const auto named = document->find("authorization_response_iss_parameter_supported");
  provider.names_itself_in_answers = named != document->end() && *named == true;
  return provider;
}

}  // namespace penstock::auth
