// GET /health, /ready, /metrics, /api/v1/stats, /api/v1/version.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "api/route.hpp"
#include "base/byte_budget.hpp"
#include "base/worker_pool.hpp"
#include "journal/journal_stats.hpp"
#include "metrics/registry.hpp"
#include "penstock/core/time.hpp"
#include "penstock/ports/clock.hpp"
#include "sinks/pump_state.hpp"

namespace penstock::api {

struct ReadyCheck {
  std::string name;      // "journal"
  bool required = true;  // false: shown, but the server is ready without it
  // Empty when all is well, else a sentence. Called on io threads: must not block.
  std::function<std::string()> problem;
};

struct StoreNumbers {
  bool available = false;
  std::uint64_t chunks = 0, bytes = 0, series = 0;
};

// Deletions not carried out yet.
struct DeletionNumbers {
  std::uint64_t open = 0, held = 0, unreadable = 0;
  std::string problem;  // a sentence; empty when all is well
};

// Where the numbers come from; wired by app.
struct StatusSources {
  std::vector<ReadyCheck> checks;
  std::function<journal::JournalStats()> journal;
  std::function<std::vector<sinks::PumpState>()> sinks;
  std::function<StoreNumbers()> store;  // may block; called on the pool
  std::function<DeletionNumbers()> deletions;
  std::function<std::size_t()> connections;
  std::function<std::uint64_t()> requests;
  std::function<std::size_t()> query_memory;
  std::function<const ByteBudget&()> connection_memory, answer_memory;
  std::function<std::uint64_t()> accepted, rejected;  // records, since the start
};

// Thread-safe; the references must outlive it.
class Operations {
 public:
  Operations(StatusSources sources, metrics::Registry& registry, const ByteBudget& budget, WorkerPool& pool,
             const Clock& clock);

  void add_routes(RouteTable& table);
  // Empty when the server can take and answer work.
  std::string first_problem() const;

 private:
  void show_budget(const std::string& name, const std::string& what, std::function<const ByteBudget&()> budget);
  http::Response health() const;
  http::Response ready_state(bool detailed) const;
  http::Response exposition() const;
  boost::asio::awaitable<http::Response> stats(RequestPtr request, CallPtr call);
  std::string stats_json() const;

  StatusSources sources_;
  metrics::Registry& registry_;
  const ByteBudget& budget_;
  WorkerPool& pool_;
  std::chrono::steady_clock::time_point started_;
  const Clock& clock_;
};

// Bytes of this process in physical memory.
std::uint64_t resident_bytes();
std::string_view version();

}  // namespace penstock::api
