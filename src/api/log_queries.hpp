// GET /api/v1/logs and what hangs below it, DELETE /api/v1/logs, GET and DELETE /logs/{deployment}.
#pragma once

#include "api/downloads.hpp"
#include "api/log_stream.hpp"
#include "api/route.hpp"
#include "base/worker_pool.hpp"
#include "http/message.hpp"
#include "penstock/ports/clock.hpp"
#include "query/engine.hpp"
#include "query/tail_hub.hpp"

namespace penstock::api {

// Thread-safe; the references must outlive it.
class LogQueries {
 public:
  // `downloads` runs streamed answers, each as long as its client reads; `pool` all others.
  LogQueries(query::Engine& engine, query::TailHub& tail, WorkerPool& pool, Downloads& downloads, const Clock& clock, std::int64_t ahead_ns, ExportWatch exports = {})
      : engine_(engine), tail_(tail), pool_(pool), downloads_(downloads), clock_(clock), ahead_ns_(ahead_ns), exports_(exports) {}

  void add_routes(RouteTable& table);

 private:
  boost::asio::awaitable<http::Response> logs(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> histogram(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> facets(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> fields(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> context(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> tail(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> plain(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove_deployment(RequestPtr request, CallPtr call);
  boost::asio::awaitable<http::Response> remove_matching(RequestPtr request, CallPtr call, query::LogQuery query);

  query::Engine& engine_;
  query::TailHub& tail_;
  WorkerPool& pool_;
  Downloads& downloads_;
  const Clock& clock_;
  const std::int64_t ahead_ns_;  // how far ahead of the clock records may be dated: an answer without an end reaches as far
  const ExportWatch exports_;
};

}  // namespace penstock::api
