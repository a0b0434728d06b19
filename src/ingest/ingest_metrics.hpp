// Counters of what was taken and refused.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "ingest/report.hpp"
#include "penstock/core/error.hpp"
#include "penstock/ports/metrics.hpp"

namespace penstock::ingest {

// Thread-safe. Outlived by the registry.
class IngestMetrics {
 public:
  explicit IngestMetrics(MetricsRegistry& registry);

  // penstock_ingest_rejected_total{reason}; a reason appears when it first occurs.
  void rejected(ErrorCode reason, std::uint64_t records = 1);
  // penstock_ingest_warnings_total{reason}: values that did not fit what their name means.
  void warned(ErrorCode reason);
  // penstock_ingest_samples_dropped_total: NaN, infinities, and values that are no number, in points that were taken.
  void dropped_samples(std::uint64_t samples) { dropped_samples_.add(samples); }
  // penstock_ingest_records_total{kind}, penstock_ingest_samples_total, penstock_ingest_bytes_total: call when the request is
  // durable (or queued, where the caller asked for no more). `bytes`: unpacked body.
  void accepted(const IngestReport& report, std::uint64_t bytes);

  std::uint64_t records_total() const { return logs_.value() + points_.value(); }
  std::uint64_t rejected_total() const { return rejected_.load(std::memory_order_relaxed); }

 private:
  static constexpr std::size_t kCodes = static_cast<std::size_t>(ErrorCode::internal) + 1;
  using ByReason = std::array<std::atomic<Counter*>, kCodes>;

  Counter& counter_of(ByReason& counters, ErrorCode reason, std::string_view name, std::string_view help);

  MetricsRegistry& registry_;
  Counter& logs_;
  Counter& points_;
  Counter& samples_;
  Counter& bytes_;
  Counter& dropped_samples_;
  ByReason rejected_by_reason_{}, warned_by_reason_{};
  std::atomic<std::uint64_t> rejected_{0};
};

}  // namespace penstock::ingest
