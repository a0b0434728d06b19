// /api/v1/tokens: for programs. An administrator sees and makes all of them; who logged in makes tokens for oneself, which may no more than oneself.
#pragma once

#include "api/identity_json.hpp"

namespace penstock::api {

// GET /api/v1/tokens, GET|DELETE /api/v1/tokens/{id} (DELETE revokes)
// POST /api/v1/tokens {"name", "deployment", "rights"} or {"name", "grants": [{"deployment", "rights", "sources"}]}, and "default_deployment",
// "owner", "ttl": "90d" (0: for ever) or "expires_at"; the answer alone holds the token.
//
// Thread-safe.
class Tokens {
 public:
  explicit Tokens(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> create(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> revoke(RequestPtr request, CallPtr call);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
