// GET /api/v1/deployments: whose records there are, as far as the caller may read them; for administrators also how much is stored of
// each, and how long it is kept.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "penstock/core/retention_rule.hpp"
#include "query/engine.hpp"

namespace penstock::api {

// Thread-safe; the references must outlive it.
class Deployments {
 public:
  // `rules` gives those of retention as they are now; called on any thread.
  Deployments(query::Engine& engine, WorkerPool& pool, std::function<std::vector<RetentionRule>()> rules)
      : engine_(engine), pool_(pool), rules_(std::move(rules)) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);

  query::Engine& engine_;
  WorkerPool& pool_;
  const std::function<std::vector<RetentionRule>()> rules_;
};

}  // namespace penstock::api
