// GET /api/v1/logs/tail: new records as Server-Sent Events, from now on or from where an earlier connection ended.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>

#include "api/downloads.hpp"
#include "api/route.hpp"
#include "api/tail_position.hpp"
#include "base/worker_pool.hpp"
#include "http/message.hpp"
#include "query/engine.hpp"
#include "query/tail_hub.hpp"

namespace penstock::api {

struct LogTail {
  query::TailHub& hub;
  query::Engine& engine;
  WorkerPool& pool;       // opens it
  Downloads& downloads;  // hands out what is to be caught up, as fast as the client reads
  query::Scope scope;
  query::LogQuery query;  // the filters alone count
  std::optional<TailPosition> resume = {};
};

// Answers with an endless response that unsubscribes when it is destroyed.
boost::asio::awaitable<http::Response> open_tail(LogTail tail, RequestPtr request);

}  // namespace penstock::api
