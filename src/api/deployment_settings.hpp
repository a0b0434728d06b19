// /api/v1/retention and PATCH /api/v1/deployments/{deployment}: what administrators set about deployments.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "api/identity_json.hpp"
#include "penstock/core/retention_rule.hpp"
#include "penstock/ports/chunk_maintenance.hpp"

namespace penstock::api {

// Thread-safe; the references must outlive it.
class DeploymentSettings {
 public:
  struct Sources {
    std::vector<RetentionRule> configured;
    // What retention would remove now by these rules; blocks.
    std::function<Result<RetentionReport>(const std::vector<RetentionRule>&)> expiring;
    std::function<void()> changed;  // retention was; any thread
  };

  DeploymentSettings(const IdentityDesk& desk, WorkerPool& pool, Sources sources) : desk_(desk), pool_(pool), sources_(std::move(sources)) {}
  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> show(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> put(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> reset(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> change_deployment(RequestPtr request, CallPtr call);
  struct Wish;
  Result<Json> carry_out(const Wish& wish) const;
  Result<RetentionReport> more_than_now(const std::vector<RetentionRule>& now, const std::vector<RetentionRule>& then) const;

  const IdentityDesk desk_;
  WorkerPool& pool_;
  const Sources sources_;
};

}  // namespace penstock::api
