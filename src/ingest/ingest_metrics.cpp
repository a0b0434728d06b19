#include "ingest/ingest_metrics.hpp"

namespace penstock::ingest {
namespace {

constexpr std::string_view kRecordsHelp = "Records taken, by kind.";

}  // namespace

IngestMetrics::IngestMetrics(MetricsRegistry& registry)
    : registry_(registry),
      logs_(registry.counter("penstock_ingest_records_total", kRecordsHelp, {{"kind", "log"}})),
      points_(registry.counter("penstock_ingest_records_total", kRecordsHelp, {{"kind", "metric"}})),
      samples_(registry.counter("penstock_ingest_samples_total", "Samples in the metric points taken.")),
      bytes_(registry.counter("penstock_ingest_bytes_total", "Unpacked request bodies of which something was taken, in bytes.")),
      dropped_samples_(registry.counter("penstock_ingest_samples_dropped_total", "Samples that are no finite number, left out of points that were taken.")) {}

Counter& IngestMetrics::counter_of(ByReason& counters, ErrorCode reason, std::string_view name, std::string_view help) {
  std::atomic<Counter*>& slot = counters[static_cast<std::size_t>(reason)];
  Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may both come here; the registry gives both the same counter.
    counter = &registry_.counter(name, help, {{"reason", error_name(reason)}});
    slot.store(counter, std::memory_order_release);
  }
  return *counter;
}

void IngestMetrics::rejected(ErrorCode reason, std::uint64_t records) {
  counter_of(rejected_by_reason_, reason, "penstock_ingest_rejected_total", "Records refused, by reason.").add(records);
  rejected_.fetch_add(records, std::memory_order_relaxed);
}

void IngestMetrics::warned(ErrorCode reason) {
  counter_of(warned_by_reason_, reason, "penstock_ingest_warnings_total", "Values set aside in records that were taken, by reason.").add();
}

void IngestMetrics::accepted(const IngestReport& report, std::uint64_t bytes) {
  logs_.add(report.logs);
  points_.add(report.points);
  samples_.add(report.samples);
  if (report.accepted > 0) bytes_.add(bytes);
}

}  // namespace penstock::ingest
