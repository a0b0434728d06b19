// What a deletion takes away, counted by deployment.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "penstock/core/deletion.hpp"
#include "query/log_scan.hpp"

namespace penstock::query {

class MatchCounts final : public LogConsumer {
 public:
  // Of `deletion` only what came before it is looked at; `everything`: it has no filters.
  MatchCounts(const Deletion& deletion, bool everything) : deletion_(deletion), everything_(everything) {}

  void add_columns(chunk::ColumnSelection& columns) const override { columns.received_at = true; }
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;
  // Nobody can say what such a chunk holds: its deployment gets a deletion, and of a chunk that lies wholly inside all records count.
  Result<void> damaged(const ChunkMeta& chunk, Error error) override;

  // Also of deployments with a damaged chunk, where it may be 0.
  const std::map<std::string, std::uint64_t, std::less<>>& by_deployment() const { return counts_; }

 private:
  std::uint64_t& of(std::string_view deployment);

  const Deletion& deletion_;
  const bool everything_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  ChunkId chunk_ = 0;           // the one that rows came from last
  std::uint64_t in_chunk_ = 0;  // … and how many
};

}  // namespace penstock::query
