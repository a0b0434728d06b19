// Counts matching records by deployment, as far as they were received before a moment.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "query/log_scan.hpp"

namespace penstock::query {

class MatchCounts final : public LogConsumer {
 public:
  explicit MatchCounts(Timestamp received_before) : received_before_(received_before) {}

  void add_columns(chunk::ColumnSelection& columns) const override { columns.received_at = true; }
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;

  const std::map<std::string, std::uint64_t, std::less<>>& by_deployment() const { return counts_; }

 private:
  void add(std::string_view deployment, std::uint64_t count);

  const Timestamp received_before_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace penstock::query
