// What all connections of a server share. Of this room's insides.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/ssl/context.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/byte_budget.hpp"
#include "base/worker_pool.hpp"
#include "http/connection_seats.hpp"
#include "http/edge_metrics.hpp"
#include "http/forwarded.hpp"
#include "http/handler.hpp"
#include "http/holders.hpp"
#include "http/server_options.hpp"

namespace penstock::http {

struct Edge {
  Edge(Options o, Handler& h, ByteBudget& b, MetricsRegistry& m)
      : options(std::move(o)),
        handler(h),
        budget(b),
        metrics(m),
        seats(options.max_connections, options.max_connections_per_address, most_connections() - most_connections() / 4),
        connection_memory(options.connection_memory),
        answer_memory(options.answer_memory),
        bodies(budget.limit(), options.deadlines.stall, options.deadlines.give_way_rate),
        answers(options.answer_memory, options.deadlines.stall, options.deadlines.give_way_rate) {}

  bool secure() const { return !options.tls.certificate_file.empty(); }
  // What one counts from its first moment.
  std::size_t connection_bytes() const { return secure() ? kTlsConnectionBytes : kPlainConnectionBytes; }
  // As many as there are seats and memory for.
  std::size_t most_connections() const { return std::min(options.max_connections, options.connection_memory / connection_bytes()); }

  const Options options;
  Handler& handler;
  ByteBudget& budget;
  EdgeMetrics metrics;
  ConnectionSeats seats;
  ByteBudget connection_memory;
  ByteBudget answer_memory;
  Holders bodies, answers;  // of `budget`, and of `answer_memory`
  TrustedProxies proxies;   // set before the first connection
  std::atomic<std::size_t> turned_away{0};  // connections without a seat, which are told so
  // For what takes too long for an io thread: large bodies that are unpacked, large answers that are packed.
  WorkerPool pack_pool{"pack", 2, 64};
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
