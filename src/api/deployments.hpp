// GET /api/v1/deployments: whose records there are, as far as the caller may read them; where one has the right also how much is stored of each, how long it is
// kept, and what becomes of metrics that are not declared.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "api/route.hpp"
#include "auth/directory.hpp"
#include "base/worker_pool.hpp"
#include "penstock/core/retention_rule.hpp"
#include "query/engine.hpp"

namespace penstock::api {

// Thread-safe; the references must outlive it.
class Deployments {
 public:
  using Known = std::function<std::shared_ptr<const auth::Directory>()>;

  // `configured` are the configuration's rules of retention; `known` tells what was set besides, null as long as nobody knows, on any thread.
  Deployments(query::Engine& engine, WorkerPool& pool, std::vector<RetentionRule> configured, Known known)
      : engine_(engine), pool_(pool), configured_(std::move(configured)), known_(std::move(known)) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);

  query::Engine& engine_;
  WorkerPool& pool_;
  const std::vector<RetentionRule> configured_;
  const Known known_;
};

}  // namespace penstock::api
