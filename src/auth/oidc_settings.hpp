// What an operator says of an OpenID provider, and what follows from it. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/oidc_flow.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

inline constexpr std::string_view kDefaultOidcScope = "openid profile email";
inline constexpr std::string_view kDefaultOidcClaim = "groups";

// Where a provider sends the browser back to: `base` is the server's address ("https://logs.example.com").
std::string oidc_callback(const std::string& base, const std::string& provider_id);

// The server's address of that text, without a slash at its end. config_error: it is no https:// URL (http:// for loopback), or has a path.
Result<std::string> oidc_base(std::string_view url);

// invalid_request, with the member: what a provider cannot be. Roles are not looked for.
Result<void> check_provider(const StoredProvider& provider);

// As needed for log-ins. `secret`: in the clear.
OidcClient oidc_client(const StoredProvider& provider, std::string secret, const std::string& base);

// What the client's secret is bound to: with another issuer or client it opens no more, so that nobody has it sent elsewhere.
std::string oidc_secret_place(const StoredProvider& provider);

// "viewer", "viewer:shop".
HeldRole held_role(std::string_view text);
// "sre=administrator, dev=viewer:shop, *=viewer": of the configuration. config_error tells what is wrong.
Result<std::vector<ProviderRule>> parse_provider_rules(std::string_view text);
std::string format_provider_rules(const std::vector<ProviderRule>& rules);

}  // namespace penstock::auth
