#include "query/engine.hpp"

#include <chrono>
#include <utility>

#include "query/deletion_filter.hpp"
#include "query/engine_state.hpp"

namespace penstock::query {

Engine::State::State(Options given, Clock& time, Journal& frames, ChunkStore& chunks, Sealer& keys,
                     MetricsRegistry& metrics)
    : options(given),
      clock(time),
      journal(frames),
      store(chunks),
      sealer(keys),
      memory(std::make_shared<QueryMemory>(given.memory_bytes)),
      deletions(memory),
      damaged(metrics, "query"),
      gate(std::make_shared<QueryGate>(QueryGate::Options{.places = given.concurrent,
                                                          .waiting_long = given.waiting_long,
                                                          .admission_wait = std::chrono::milliseconds(given.admission_wait_ms)})),
      queries(metrics.counter("penstock_query_total", "Queries begun.")),
      failures(metrics.counter("penstock_query_errors_total", "Queries that ended in an error other than overload.")),
      overloads(metrics.counter("penstock_query_overloaded_total",
                                "Queries refused or ended for want of memory or of a place.")),
      partials(metrics.counter("penstock_query_partial_total", "Answers given without the store.")),
      timeouts(metrics.counter("penstock_query_timeouts_total", "Queries that reached their time limit.")),
      gave_way(metrics.counter("penstock_query_gave_way_total", "Times a query that turned out long began anew, so that short ones had a place.")),
      seconds(metrics.histogram("penstock_query_seconds", "Time a query took, without waiting for a place.")) {
  metrics.gauge_callback("penstock_query_memory_bytes", "Memory held by queries, of the budget.", {},
                         [held = memory] { return static_cast<double>(held->used()); });
  metrics.gauge_callback("penstock_deletions_memory_bytes", "Memory of deletions that are kept compiled, of the budget of queries.", {},
                         [held = memory] { return static_cast<double>(held->of_deletions.used()); });
  const auto count = [&](std::string_view state, std::string_view lane, std::size_t QueryGate::Counts::*member, std::size_t QueryGate::Counts::*less) {
    metrics.gauge_callback("penstock_queries", "Queries that work or wait for a place.", {{"state", state}, {"lane", lane}},
                           [turns = gate, member, less] {
                             const auto counts = turns->counts();
                             return static_cast<double>(counts.*member - (less != nullptr ? counts.*less : 0));
                           });
  };
  using Counts = QueryGate::Counts;
  count("working", "short", &Counts::working, &Counts::long_working);
  count("working", "long", &Counts::long_working, nullptr);
  count("waiting", "short", &Counts::waiting, nullptr);
  count("waiting", "long", &Counts::long_waiting, nullptr);
}

Engine::Engine(Options options, Clock& clock, Journal& journal, ChunkStore& store, Sealer& sealer,
               MetricsRegistry& metrics)
    : state_(std::make_unique<State>(options, clock, journal, store, sealer, metrics)) {}

Engine::~Engine() = default;

void Engine::keep_deletions_in(FileSystem& files, const std::string& path) {
  state_->deletions.keep_in(files, state_->sealer, path);
}

void Engine::deployment_deleted(Deletion whole) {
  whole.filter_json = deletion_filter_json({});
  state_->deletions.supersede(whole);
  state_->deletions.save();
}

const std::string& Engine::deletions_put_aside() const { return state_->deletions.put_aside(); }

std::size_t Engine::memory_used() const { return state_->memory->used(); }

}  // namespace penstock::query
