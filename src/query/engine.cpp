#include "query/engine.hpp"

#include <chrono>
#include <utility>

#include "query/engine_state.hpp"

namespace penstock::query {

Engine::State::State(Options given, Clock& time, Journal& frames, ChunkStore& chunks, Sealer& keys,
                     MetricsRegistry& metrics)
    : options(given),
      clock(time),
      journal(frames),
      store(chunks),
      sealer(keys),
      budget(std::make_shared<ByteBudget>(given.memory_bytes)),
      queries(metrics.counter("penstock_query_total", "Queries begun.")),
      failures(metrics.counter("penstock_query_errors_total", "Queries that ended in an error other than overload.")),
      overloads(metrics.counter("penstock_query_overloaded_total",
                                "Queries refused or ended for want of memory or of a place.")),
      partials(metrics.counter("penstock_query_partial_total", "Answers given without the store.")),
      seconds(metrics.histogram("penstock_query_seconds", "Time a query took, without waiting for a place.")) {
  metrics.gauge_callback("penstock_query_memory_bytes", "Memory held by queries, of the budget.", {},
                         [held = budget] { return static_cast<double>(held->used()); });
}

Result<Engine::State::Place> Engine::State::enter(const StopFlag& canceled) {
  std::unique_lock lock(mutex);
  const bool free = left.wait_for(lock, std::chrono::milliseconds(options.admission_wait_ms),
                                  [&] { return running < options.concurrent || canceled.load(); });
  if (canceled.load()) return Error{ErrorCode::canceled, "The query was canceled.", ""};
  if (!free) {
    overloads.add();
    return Error{ErrorCode::overloaded, "Too many queries run at once: try again in a moment.", ""};
  }
  ++running;
  return Place(*this);
}

void Engine::State::leave() {
  {
    std::lock_guard lock(mutex);
    --running;
  }
  left.notify_one();
}

Engine::Engine(Options options, Clock& clock, Journal& journal, ChunkStore& store, Sealer& sealer,
               MetricsRegistry& metrics)
    : state_(std::make_unique<State>(options, clock, journal, store, sealer, metrics)) {}

Engine::~Engine() = default;

std::size_t Engine::memory_used() const { return state_->budget->used(); }

}  // namespace penstock::query
