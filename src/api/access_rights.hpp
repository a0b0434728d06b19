// /api/v1/grants, /api/v1/roles and /api/v1/settings: what everybody may do, at one look and one by one.
#pragma once

#include "api/identity_json.hpp"

namespace penstock::api {

// GET /api/v1/grants?user=&role=&token=&deployment=   {"grants": [{"id", "user"|"role"|"token", "deployment", "rights", …}]}
// POST /api/v1/grants {"user"|"role"|"token": …, "deployment", "rights", "sources", "custom_metrics"}; DELETE /api/v1/grants/{id}
// GET /api/v1/roles, PUT|DELETE /api/v1/roles/{name} {"description", "grants"}
// GET /api/v1/settings, PATCH /api/v1/settings {"token.ttl_max": "90d"} (null: back to the default)
//
// Thread-safe.
class AccessRights {
 public:
  explicit AccessRights(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list_grants(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> create_grant(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove_grant(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> list_roles(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> put_role(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove_role(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> list_settings(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> change_settings(RequestPtr request, CallPtr call);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
