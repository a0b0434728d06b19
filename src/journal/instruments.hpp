// The journal's self-metrics.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>

#include "penstock/ports/metrics.hpp"

namespace penstock::journal {

// References stay valid as long as the registry.
struct Instruments {
  explicit Instruments(MetricsRegistry& registry);

  Counter& commits;
  Counter& records;
  Counter& forgotten_keys;
  Counter& torn_bytes;
  Counter& lost_records;
  Counter& skipped_records;  // a reader came after retention had taken them
  Counter& failures;         // writes or syncs that failed
  Histogram& fsync_seconds;

  // Records that a reader lost since it lagged further behind than it may.
  Counter& jumped(const std::string& reader) const;

 private:
  MetricsRegistry& registry_;
};

// How long the last syncs took. Thread-safe.
class SyncTimes {
 public:
  void add(double seconds);
  double p99_seconds() const;  // 0 when there were none

 private:
  mutable std::mutex mutex_;
  std::array<float, 1024> ring_{};
  std::uint64_t count_ = 0;
};

}  // namespace penstock::journal
