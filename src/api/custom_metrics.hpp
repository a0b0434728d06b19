// /api/v1/custom-metrics: what is declared about metrics.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "api/identity_json.hpp"

namespace penstock::api {

// Thread-safe; what the desk refers to must outlive it.
class CustomMetrics {
 public:
  explicit CustomMetrics(const IdentityDesk& desk) : desk_(desk) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> declare(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> put(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> patch(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> change(RequestPtr request, CallPtr call, bool whole);

  const IdentityDesk desk_;
};

}  // namespace penstock::api
