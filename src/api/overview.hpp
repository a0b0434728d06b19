// GET /api/v1/overview: what a dashboard's first page shows, of all deployments in one request.
#pragma once

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "penstock/ports/clock.hpp"
#include "query/engine.hpp"

namespace penstock::api {

// Thread-safe; the references must outlive it.
class Overview {
 public:
  Overview(query::Engine& engine, WorkerPool& pool, const Clock& clock, std::int64_t ahead_ns) : engine_(engine), pool_(pool), clock_(clock), ahead_ns_(ahead_ns) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> overview(RequestPtr request, CallPtr call);

  query::Engine& engine_;
  WorkerPool& pool_;
  const Clock& clock_;
  const std::int64_t ahead_ns_;  // how far ahead of the clock records may be dated: an answer without an end reaches as far
};

}  // namespace penstock::api
