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
      bytes_(registry.counter("penstock_ingest_bytes_total", "Unpacked request bodies of which something was taken, in bytes.")) {}

void IngestMetrics::rejected(ErrorCode reason, std::uint64_t records) {
  std::atomic<Counter*>& slot = by_reason_[static_cast<std::size_t>(reason)];
  Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    // Two threads may both come here; the registry gives both the same counter.
    counter = &registry_.counter("penstock_ingest_rejected_total", "Records refused, by reason.", {{"reason", error_name(reason)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->add(records);
  rejected_.fetch_add(records, std::memory_order_relaxed);
}

void IngestMetrics::accepted(const IngestReport& report, std::uint64_t bytes) {
  logs_.add(report.logs);
  points_.add(report.points);
  samples_.add(report.samples);
  if (report.accepted > 0) bytes_.add(bytes);
}

}  // namespace penstock::ingest
