// Options of log-ins by way of OpenID providers.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/identity_store.hpp"

namespace penstock::auth {

struct OidcOptions {
  std::string public_url;                // by which browsers reach this server; empty: as each request names it
  std::vector<std::string> allow_cidrs;  // networks of providers that are not public
  std::string ca_file;                   // PEM, of who signs providers' certificates; empty: the system's
  std::chrono::milliseconds timeout{10'000};
  // One of the configuration; without an issuer there is none. Beside it there are those of the store.
  StoredProvider provider{.id = "sso", .title = "Single sign-on", .issuer = {}, .client_id = {}, .scope = "openid profile email", .redirect_uri = {}, .claim = "groups", .audience = {}};
  std::string client_secret, client_secret_file;
};

// Whether they make sense; gives the client's secret, from the file where one is named. config_error with the option as its field.
Result<std::string> check_oidc_options(const OidcOptions& options);

}  // namespace penstock::auth
