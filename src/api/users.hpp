// /api/v1/users: who may log in, and what they may do.
#pragma once

#include "api/identity_json.hpp"

namespace penstock::api {

// GET /api/v1/users, GET|PATCH|DELETE /api/v1/users/{name}
// POST /api/v1/users {"name", "full_name", "password", "roles": ["viewer", {"role", "deployment"}], "grants": [{"deployment", "rights"}]}
//
// Thread-safe.
class Users {
 public:
  explicit Users(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> create(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> change(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove(RequestPtr request, CallPtr call);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
