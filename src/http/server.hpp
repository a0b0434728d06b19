// The HTTP/1.1 server: one io_context, thread and acceptor (SO_REUSEPORT) a core; a connection lives on one of them for
// ever.
//
// Every request goes: read head → guard against smuggling → Handler::admit → lease from the byte budget → read and
// unpack body → Handler::handle → answer. A framing error is answered and ends the connection; nothing behind it is
// ever run.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "base/byte_budget.hpp"
#include "http/handler.hpp"
#include "http/server_options.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/metrics.hpp"

namespace penstock::http {

// Counts penstock_http_requests_total{method,status}, penstock_http_request_seconds, penstock_http_connections,
// penstock_http_refused_total{reason}, penstock_http_received_bytes_total.
class Server {
 public:
  // All references must outlive the server.
  Server(Options options, Handler& handler, ByteBudget& budget, MetricsRegistry& metrics);
  // Drains with no patience when drain() was not called; then waits for handlers to end.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds, listens, starts the threads. config_error: bad address or certificate; io_error: the port is taken, ….
  Result<void> start();
  // The port bound; valid after start().
  std::uint16_t port() const;
  // Reads certificate and key again; connections made from then on use them. On an error the old ones stay. Any thread.
  Result<void> reload_tls();

  // Closes the acceptors and idle connections; busy ones finish and close. Any thread, returns at once.
  void stop_accepting();
  // stop_accepting, then waits until all connections are done; at the end of `patience` sets every Request::gone,
  // cancels streams, closes sockets, and waits for the handlers to end. True when nothing had to be cut. Afterwards the
  // threads have ended. Not from an io thread.
  bool drain(std::chrono::milliseconds patience);

  std::size_t connections() const;
  std::uint64_t requests_total() const;
  // What they hold now, and how much that may be. Any thread.
  const ByteBudget& connection_memory() const;
  const ByteBudget& answer_memory() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::http
