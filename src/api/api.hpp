// The HTTP interface: finds the route of a request, asks who is calling and whether they may, and hands over to its
// resource.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/route.hpp"
#include "http/handler.hpp"
#include "http/static_files.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/token_verifier.hpp"

namespace penstock::api {

// Thread-safe. The references must outlive it.
class Api final : public http::Handler {
 public:
  Api(RouteTable routes, const http::StaticFiles* page, TokenVerifier& tokens, MetricsRegistry& metrics);

  http::Admission admit(const http::RequestHead& head) override;
  boost::asio::awaitable<http::Response> handle(std::shared_ptr<http::Request> request) override;

  const RouteTable& routes() const { return routes_; }

 private:
  http::Admission admit(const http::RequestHead& head, RouteTable::Match match);
  struct Admitted;

  RouteTable routes_;
  const http::StaticFiles* page_;  // null: no dashboard
  TokenVerifier& tokens_;
  Counter& unauthorized_;
  Counter& forbidden_;
};

}  // namespace penstock::api
