// /api/v1/audit: who did what, for those with the right audit:read.
#pragma once

#include "api/identity_json.hpp"

namespace penstock::api {

// GET /api/v1/audit?from=&to=&actor=&action=&object=&outcome=&limit=&before=   {"entries": [...], "before": id | null}, the newest first
// GET /api/v1/audit/verify   {"intact": true|false, "rows", "head", "problem"}
//
// Thread-safe.
class AuditView {
 public:
  explicit AuditView(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> verify(RequestPtr request, CallPtr call);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
