// Counts matching records by step of time and severity.
#pragma once

#include "query/log_query.hpp"
#include "query/log_scan.hpp"

namespace penstock::query {

class HistogramCounts final : public LogConsumer {
 public:
  // The buckets are made here: every step from the one that holds `from` to the one that holds the last instant before
  // `to`.
  HistogramCounts(Timestamp from, Timestamp to, std::int64_t step_ns, std::int64_t utc_offset = 0);

  // How many buckets that would be.
  static std::uint64_t bucket_count(Timestamp from, Timestamp to, std::int64_t step_ns, std::int64_t utc_offset = 0);

  void add_columns(chunk::ColumnSelection& columns) const override { columns.severities = true; }
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;

  std::vector<LogHistogram::Bucket> take() { return std::move(buckets_); }

 private:
  void count(std::int64_t time, std::size_t severity);

  const std::int64_t step_, first_;
  std::vector<LogHistogram::Bucket> buckets_;
};

// Steps of time: the start of the step that holds a time (towards the past); those of an hour and more begin as clocks so far ahead of UTC show
// it, and weeks on Monday. And a round step that gives about so many
// buckets.
std::int64_t step_start(std::int64_t time, std::int64_t step, std::int64_t utc_offset = 0);
std::int64_t round_step(std::int64_t span_ns, std::uint32_t buckets);

}  // namespace penstock::query
