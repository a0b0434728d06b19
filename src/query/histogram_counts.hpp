// Counts matching records by step of time and severity.
#pragma once

#include "query/log_query.hpp"
#include "query/log_scan.hpp"
#include "query/step_grid.hpp"

namespace penstock::query {

class HistogramCounts final : public LogConsumer {
 public:
  // The buckets are made here, one a step. Every record must be within.
  explicit HistogramCounts(StepGrid grid);

  static std::size_t bytes(const StepGrid& grid) { return grid.bytes() + grid.count * sizeof(LogHistogram::Bucket); }

  void add_columns(chunk::ColumnSelection& columns) const override { columns.severities = true; }
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;

  std::vector<LogHistogram::Bucket> take() { return std::move(buckets_); }

 private:
  void count(std::int64_t time, std::size_t severity) {
    ++buckets_[grid_.index(time)].counts[std::min(severity, kSeverityCount - 1)];
  }

  const StepGrid grid_;
  std::vector<LogHistogram::Bucket> buckets_;
};

}  // namespace penstock::query
