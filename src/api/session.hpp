// /api/v1/session: logging in and out, and who one is.
#pragma once

#include "api/identity_json.hpp"

namespace penstock::api {

// POST /api/v1/session {"name", "password"}   logs in: the session is in a cookie, the answer as of GET
// GET /api/v1/session                         who one is and what one may do, with a token too
// DELETE /api/v1/session?everywhere=1         logs out
// POST /api/v1/session/password {"old", "new"}
//
// Thread-safe.
class Session {
 public:
  explicit Session(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> log_in(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> log_out(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> change_password(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> open(std::function<Result<auth::OpenedSession>()> work);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
