// What the HTTP edge counts.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "penstock/ports/metrics.hpp"

namespace penstock::http {

// Any thread. Instruments are asked for when they are first needed and remembered, so that the registry's lock is off
// the hot path.
class EdgeMetrics {
 public:
  explicit EdgeMetrics(MetricsRegistry& registry);

  // `seconds` < 0: not observed (streams without an end).
  void answered(std::string_view method, int status, double seconds);
  void refused(std::string_view reason);
  void received(std::size_t bytes) { received_.add(bytes); }
  void certificate_ends(std::int64_t epoch_seconds);
  void connections_changed(int by) { connections_.add(by); }
  std::uint64_t requests_total() const { return requests_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::array<std::string_view, 8> kMethods{"GET",    "POST",    "PUT",  "PATCH",
                                                            "DELETE", "OPTIONS", "HEAD", "other"};
  static constexpr int kStatuses = 600;

  MetricsRegistry& registry_;
  Counter& received_;
  Gauge& connections_;
  Histogram& seconds_;
  std::atomic<std::uint64_t> requests_{0};
  std::array<std::array<std::atomic<Counter*>, kStatuses>, kMethods.size()> answered_{};
};

}  // namespace penstock::http
