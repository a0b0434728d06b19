// Counts the values of one field among matching records.
#pragma once

#include <string>
#include <unordered_map>

#include "query/log_query.hpp"
#include "query/log_scan.hpp"
#include "query/number_summary.hpp"

namespace penstock::query {

// Exact up to `max_distinct` values; past that the rarest half is let go and counted as `other` (lossy counting after
// Manku and Motwani, VLDB 2002: what is frequent stays, its count may fall short).
class FacetCounts final : public LogConsumer {
 public:
  // "severity", "source", "deployment", "message", or a field's name ("fields.source": shadowed_name.hpp).
  FacetCounts(std::string field, std::size_t max_distinct, ByteBudget::Lease& lease);

  void add_columns(chunk::ColumnSelection& columns) const override;
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;

  Facets take(std::uint32_t limit);

 private:
  enum class Kind { severity, source, deployment, message, field };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  Result<void> add(std::string_view value, std::uint64_t count);
  Result<void> add_strings(const chunk::StringColumn& column, const RowMask& rows);
  Result<void> add_value(const FieldValue& value);
  Result<void> add_values(const chunk::FieldValues& values, const RowMask& rows, RowMask& present);
  void let_go();
  bool is_asked(std::string_view name) const { return name == field_ || (!shadowed_.empty() && name == shadowed_); }

  const std::string field_;
  const std::string shadowed_;  // the other name that the field may have, or empty
  const Kind kind_;
  const std::size_t max_distinct_;
  ByteBudget::Lease& lease_;
  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> counts_;
  NumberSummary numbers_;
  std::uint64_t missing_ = 0, other_ = 0;
  bool approximate_ = false;
  std::string text_;  // scratch
};

}  // namespace penstock::query
