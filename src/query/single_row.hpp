// Finds one record by its identity.
#pragma once

#include <optional>

#include "query/log_query.hpp"
#include "query/log_scan.hpp"

namespace penstock::query {

class SingleRow final : public LogConsumer {
 public:
  explicit SingleRow(RecordId id) : id_(id) {}

  bool wants(Timestamp, Timestamp) const override { return !found_; }
  void restrict_rows(const GroupColumns& in, RowMask& rows) const override;
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;

  std::optional<LogRow>& row() { return found_; }

 private:
  const RecordId id_;
  std::optional<LogRow> found_;
};

}  // namespace penstock::query
