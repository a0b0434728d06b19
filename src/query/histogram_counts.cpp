#include "query/histogram_counts.hpp"

#include <utility>

namespace penstock::query {

HistogramCounts::HistogramCounts(StepGrid grid) : grid_(std::move(grid)), buckets_(grid_.count) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i].time = Timestamp{grid_.start(i)};
}

Result<void> HistogramCounts::group(const chunk::LogChunkReader&, chunk::LogGroup& group, const RowMask& rows) {
  const auto times = group.timestamps();
  const auto severities = group.severities();
  rows.each([&](std::size_t row) { count(times[row], severities[row]); });
  return {};
}

Result<void> HistogramCounts::record(RecordId, const LogView& log) {
  count(log.timestamp.ns, static_cast<std::size_t>(log.severity));
  return {};
}

}  // namespace penstock::query
