// /api/v1/providers: the OpenID providers by which users come, for administrators.
#pragma once

#include "api/identity_json.hpp"

namespace penstock::api {

// GET /api/v1/providers, GET|DELETE /api/v1/providers/{id}
// PUT /api/v1/providers/{id} {"title", "issuer", "client_id", "client_secret", "scope", "claim", "audience", "redirect_uri", "enabled",
//                             "rules": [{"value", "role", "deployment"}]}
// POST /api/v1/providers/{id}/test     asks it, and tells what is wrong
//
// Thread-safe.
class Providers {
 public:
  // With desk.oidc.
  explicit Providers(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> put(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> test(RequestPtr request, CallPtr call);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
