#include "query/match_counts.hpp"

namespace penstock::query {

void MatchCounts::add(std::string_view deployment, std::uint64_t count) {
  if (count == 0) return;
  const auto found = counts_.find(deployment);
  if (found == counts_.end()) {
    counts_.emplace(std::string(deployment), count);
  } else {
    found->second += count;
  }
}

Result<void> MatchCounts::group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) {
  const auto received = group.received_at();
  std::uint64_t count = 0;
  rows.each([&](std::size_t row) { count += received[row] < received_before_.ns ? 1 : 0; });
  add(reader.meta().deployment, count);
  return {};
}

Result<void> MatchCounts::record(RecordId, const LogView& log) {
  if (log.received_at < received_before_) add(log.deployment, 1);
  return {};
}

}  // namespace penstock::query
