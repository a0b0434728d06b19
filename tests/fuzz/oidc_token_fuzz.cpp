// rooms: auth
// Whatever a provider or a stranger sends as token, keys or description: an error, or what obeys the rules. Nothing here is signed, so no
// token is ever good.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "auth/oidc_provider.hpp"
#include "auth/oidc_roles.hpp"
#include "auth/oidc_token.hpp"
#include "base/base64.hpp"

using namespace penstock;
using namespace penstock::auth;

namespace {

// The point of RFC 7517, appendix A.1.
constexpr const char* kKeys = R"({"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",)"
                              R"("y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]})";

void judge(std::string_view token) {
  static const auto keys = OidcKeySet::parse(kKeys);
  if (!keys || keys->size() != 1) std::abort();
  if (verify_oidc_token(token, *keys, {OidcExpectation::Kind::access_token, "https://a", "b", ""}, {})) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(static_cast<const char*>(static_cast<const void*>(data)), size);
  judge(text);
  const std::size_t line = std::min(text.find('\n'), text.size());
  judge(to_base64url(text.substr(0, line)) + "." + to_base64url(text.substr(line)) + "." + std::string(86, 'A'));
  if (const auto set = OidcKeySet::parse(text); set && set->size() + set->left_out().size() > 100) std::abort();
  if (const auto provider = parse_discovery(text, "https://a"); provider && !provider->token_endpoint.starts_with("http")) std::abort();
  OidcClaims claims;
  claims.json = text;
  (void)roles_of(claims, "groups.a", {{"x", {"y", "*"}}});
  return 0;
}
