// What one query carries along: its share of the memory budget, its costs, its turn at the gate and its time limit, and
// whether anybody still waits for it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/byte_budget.hpp"
#include "base/stop_flag.hpp"
#include "chunk/damaged_chunks.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"
#include "query/query_gate.hpp"
#include "query/scope.hpp"
#include "query/stats.hpp"

namespace penstock::query {

// Who asks, and how long they wait.
struct Asker {
  std::string caller;            // places are shared by it
  std::int64_t timeout_ns = 0;   // 0, or more than the server's limit: that limit
  const StopFlag& canceled;
  bool bulk = false;             // a part of a long work: it never takes a short query's place
  // How much was looked through tells of records that others alone may read.
  bool told_of_work = true;
};

inline Asker asker_of(const Scope& scope, std::int64_t timeout_ns, const StopFlag& canceled, bool bulk = false) {
  return {scope.caller, timeout_ns, canceled, bulk, scope.reads_everything()};
}

struct QueryRun {
  const StopFlag& canceled;
  mutable ByteBudget::Lease lease;  // of the short ones' memory, or of the long ones'
  chunk::DamagedChunks& damaged;
  std::size_t share_bytes = 0;  // what one query should keep to, so that all that run at once fit
  const Clock* clock = nullptr;
  QueryGate::Place* place = nullptr;
  ByteBudget* long_memory = nullptr;
  std::chrono::nanoseconds slice_end{0}, deadline{0};  // by the clock's steady time
  Stats stats = {};
  mutable bool gave_way = false;  // the work ends here with an error, and begins anew later
  mutable bool late = false;      // the time limit was reached

  // Whether to go on. Asked at least once for each chunk, group and journal frame.
  Result<void> check() const;
  // What it holds counts as a long one's from here on. False: they have not so much left.
  bool hold_as_long_one() const;
};

}  // namespace penstock::query
