// GET /api/v1/metrics and what hangs below it.
#pragma once

#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "penstock/ports/clock.hpp"
#include "query/engine.hpp"

namespace penstock::api {

// Thread-safe; the references must outlive it.
class MetricQueries {
 public:
  MetricQueries(query::Engine& engine, WorkerPool& pool, const Clock& clock, std::int64_t ahead_ns)
      : engine_(engine), pool_(pool), clock_(clock), ahead_ns_(ahead_ns) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> list(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> series(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> range(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> latest(RequestPtr request, CallPtr call);

  query::Engine& engine_;
  WorkerPool& pool_;
  const Clock& clock_;
  const std::int64_t ahead_ns_;  // how far ahead of the clock records may be dated: an answer without an end reaches as far
};

}  // namespace penstock::api
