// Live tails: one thread reads the journal's durable frames and hands each subscriber the records it asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "penstock/core/result.hpp"
#include "penstock/ports/journal.hpp"
#include "penstock/ports/metrics.hpp"
#include "query/log_query.hpp"
#include "query/matcher.hpp"
#include "query/scope.hpp"

namespace penstock::query {

struct TailOptions {
  std::size_t max_subscribers = 64;
  // further behind the journal the hub jumps to its end and tells everyone the gap
  std::uint64_t max_lag_records = 200'000;
  std::size_t regex_bytes = 8u << 20;       // of the regular expressions of all tails together
  std::int64_t poll_ms = 500;               // longest wait for a frame before looking whether to stop
};

enum class TailEvent { record, gap };  // the SSE event's names; a gap's data is {"skipped":n}

// A tail lives for long and has neighbours: its expressions get less than those of a query.
inline constexpr std::size_t kTailRegexBytes = 512u << 10;

// Takes one event, a record's with its identity; false when it cannot now. Called on the hub's thread, must not block or throw, and must not call the
// hub. A record it cannot take is counted, and the count goes out as a gap before the next event that fits.
using TailSink = std::function<bool(TailEvent event, RecordId id, std::string json)>;

// Thread-safe. The thread reads nothing while nobody is subscribed.
class TailHub {
 public:
  using Id = std::uint64_t;
  struct Subscription {
    Id id = 0;
    Sequence from = 0;  // records of the journal from here on are handed out
  };

  TailHub(TailOptions options, Journal& journal, MetricsRegistry& metrics);
  ~TailHub();  // stops
  TailHub(const TailHub&) = delete;
  TailHub& operator=(const TailHub&) = delete;

  // Records that become durable from now on and match the filters; from, to, limit, order and cursor of the query are
  // ignored. Compiles the query, so call it on a worker thread. Errors: invalid_query, overloaded (too many subscribers), draining after stop().
  Result<Subscription> subscribe(const Scope& scope, const LogQuery& query, TailSink sink);
  // After it returns the sink is not called again. Unknown ids are ignored.
  void unsubscribe(Id id);
  void stop();
  std::size_t subscribers() const;
  // What the journal holds now: [oldest, durable end).
  SequenceRange journal() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::query
