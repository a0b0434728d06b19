#include "journal/instruments.hpp"

#include <algorithm>

namespace penstock::journal {

Instruments::Instruments(MetricsRegistry& registry)
    : commits(registry.counter("penstock_journal_commits_total", "Frames written and synced.")),
      records(registry.counter("penstock_journal_records_total", "Records made durable.")),
      forgotten_keys(registry.counter("penstock_idempotency_forgotten_total",
                                      "Idempotency keys forgotten before their 24 hours for want of memory (journal.idempotency_memory).")),
      torn_bytes(registry.counter("penstock_journal_torn_bytes_total",
                                  "Bytes dropped at the end of the journal after a crash; never acknowledged.")),
      lost_records(registry.counter("penstock_journal_lost_records_total", "Acknowledged records found damaged on disk.")),
      skipped_records(registry.counter("penstock_journal_skipped_records_total",
                                       "Records a reader asked for after retention had removed them.")),
      failures(registry.counter("penstock_journal_failures_total", "Writes or syncs that failed.")),
      fsync_seconds(registry.histogram("penstock_journal_fsync_seconds", "Duration of the write and fdatasync of a commit.")),
      registry_(registry) {}

Counter& Instruments::jumped(const std::string& reader) const {
  return registry_.counter("penstock_journal_jumped_records_total",
                           "Records that went before a reader had them, since it lagged further behind than it may, by reader.", {{"reader", reader}});
}

void SyncTimes::add(double seconds) {
  std::lock_guard lock(mutex_);
  ring_[count_++ % ring_.size()] = static_cast<float>(seconds);
}

double SyncTimes::p99_seconds() const {
  std::array<float, 1024> sorted;
  std::size_t size = 0;
  {
    std::lock_guard lock(mutex_);
    size = static_cast<std::size_t>(std::min<std::uint64_t>(count_, ring_.size()));
    sorted = ring_;
  }
  if (size == 0) return 0;
  const std::size_t rank = size * 99 / 100 < size ? size * 99 / 100 : size - 1;
  std::nth_element(sorted.begin(), sorted.begin() + rank, sorted.begin() + size);
  return static_cast<double>(sorted[rank]);
}

}  // namespace penstock::journal
