// Which fields matching records have, of which types, and how often.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "query/log_query.hpp"
#include "query/log_scan.hpp"

namespace penstock::query {

// At most kMaxNames names; what comes after them is left out (approximate).
class FieldCounts final : public LogConsumer {
 public:
  static constexpr std::size_t kMaxNames = 10'000;

  explicit FieldCounts(ByteBudget::Lease& lease) : lease_(lease) {}

  void add_columns(chunk::ColumnSelection& columns) const override { columns.all_fields = true; }
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;

  FieldList take();

 private:
  struct Seen {
    std::uint64_t count = 0;
    std::uint8_t types = 0;          // one bit a FieldType
    std::uint64_t last_record = 0;   // so that a name repeated in a record counts once
  };
  Result<Seen*> seen(std::string_view name);

  ByteBudget::Lease& lease_;
  std::map<std::string, Seen, std::less<>> fields_;
  std::uint64_t records_ = 0;
  bool approximate_ = false;
};

}  // namespace penstock::query
