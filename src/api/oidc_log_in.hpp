// /api/v1/oidc: logging in by way of OpenID providers.
#pragma once

#include <string>

#include "api/identity_json.hpp"

namespace penstock::api {

// The address by which this request reached the server ("https://logs.example.com"); empty: it cannot be told, as behind a proxy that speaks TLS.
// `public_url`: what the operator says it is; counts when it is there.
std::string server_base(const http::RequestHead& head, const std::string& public_url);

// GET /api/v1/oidc                     the providers, for the sign-in page
// GET /api/v1/oidc/{provider}/login    sends the browser to one of them; ?return_to= a path of this server
// GET /api/v1/oidc/{provider}/callback takes it back, with a session or a sentence in a cookie for the page
// POST /api/v1/oidc/{provider}/logout  a provider tells that a session ended there (back-channel log-out)
//
// Thread-safe.
class OidcLogIn {
 public:
  // With desk.oidc.
  explicit OidcLogIn(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> begin(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> finish(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> ended_there(RequestPtr request, CallPtr call);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
