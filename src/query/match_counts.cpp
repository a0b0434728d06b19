#include "query/match_counts.hpp"

#include <utility>

namespace penstock::query {

std::uint64_t& MatchCounts::of(std::string_view deployment) {
  const auto found = counts_.find(deployment);
  return found == counts_.end() ? counts_.emplace(std::string(deployment), 0).first->second : found->second;
}

Result<void> MatchCounts::group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) {
  const ChunkMeta& meta = reader.meta();
  const auto received = group.received_at();
  const auto sequences = group.sequences();
  std::uint64_t count = 0;
  rows.each([&](std::size_t row) {
    count += came_before(deletion_, {meta.journal, sequences[row]}, Timestamp{received[row]}) ? 1 : 0;
  });
  if (std::exchange(chunk_, meta.id) != meta.id) in_chunk_ = 0;
  in_chunk_ += count;
  if (count > 0) of(meta.deployment) += count;
  return {};
}

Result<void> MatchCounts::record(RecordId id, const LogView& log) {
  if (came_before(deletion_, id, log.received_at)) ++of(log.deployment);
  return {};
}

Result<void> MatchCounts::damaged(const ChunkMeta& chunk, Error) {
  std::uint64_t& count = of(chunk.deployment);
  Deletion of_this = deletion_;
  of_this.deployment = chunk.deployment;
  if (everything_ && coverage_of(of_this, chunk) == Coverage::all) count += chunk.record_count - (chunk_ == chunk.id ? in_chunk_ : 0);
  return {};
}

}  // namespace penstock::query
