// The HTTP interface: finds the route of a request, asks who is calling and whether they may, and hands over to its
// resource.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/route.hpp"
#include "http/handler.hpp"
#include "http/static_files.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/authenticator.hpp"

namespace penstock::api {

// Thread-safe. What it refers to must outlive it.
class Api final : public http::Handler {
 public:
  Api(RouteTable routes, const http::StaticFiles* page, Authenticator& authenticator, MetricsRegistry& metrics, const CurrentRules* rules = nullptr);

  http::Admission admit(const http::RequestHead& head) override;
  boost::asio::awaitable<http::Response> handle(std::shared_ptr<http::Request> request) override;

  const RouteTable& routes() const { return routes_; }

 private:
  struct Admitted;
  struct Asked;
  http::Admission not_served(const http::RequestHead& head, const RouteTable::Match& match) const;
  boost::asio::awaitable<http::Admission> look_up(std::shared_ptr<const Asked> asked);
  http::Admission decide(const Asked& asked, const Identity& identity);
  static void tell_refusal(std::string_view what, const Asked& asked, const std::string& by);
  http::Admission judge(const Asked& asked, const Identity& identity);

  RouteTable routes_;
  const http::StaticFiles* page_;  // null: no dashboard
  Authenticator& authenticator_;
  const CurrentRules* const rules_;  // null: nothing can be set about deployments
  Counter& unauthorized_;
  Counter& forbidden_;
};

}  // namespace penstock::api
