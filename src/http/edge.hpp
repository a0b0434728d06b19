// What all connections of a server share. Of this room's insides.
#pragma once

#include <atomic>
#include <boost/asio/ssl/context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/byte_budget.hpp"
#include "http/connection_seats.hpp"
#include "http/edge_metrics.hpp"
#include "http/handler.hpp"
#include "http/server_options.hpp"

namespace penstock::http {

struct Edge {
  Edge(Options o, Handler& h, ByteBudget& b, MetricsRegistry& m)
      : options(std::move(o)),
        handler(h),
        budget(b),
        metrics(m),
        seats(options.max_connections, options.max_connections_per_address),
        connection_memory(options.connection_memory),
        answer_memory(options.answer_memory) {}

  const Options options;
  Handler& handler;
  ByteBudget& budget;
  EdgeMetrics metrics;
  ConnectionSeats seats;
  ByteBudget connection_memory;
  ByteBudget answer_memory;
  std::atomic<bool> draining{false};

  std::shared_ptr<boost::asio::ssl::context> tls() const {
    const std::lock_guard lock(tls_mutex);
    return tls_context;
  }
  void set_tls(std::shared_ptr<boost::asio::ssl::context> context) {
    const std::lock_guard lock(tls_mutex);
    tls_context = std::move(context);
  }

  // Connections whose coroutine has not ended.
  void connection_begins() {
    const std::lock_guard lock(live_mutex);
    ++live;
  }
  void connection_ends() {
    const std::lock_guard lock(live_mutex);
    if (--live == 0) none_live.notify_all();
  }

  mutable std::mutex live_mutex;
  std::condition_variable none_live;
  std::size_t live = 0;

 private:
  mutable std::mutex tls_mutex;
  std::shared_ptr<boost::asio::ssl::context> tls_context;
};

}  // namespace penstock::http
