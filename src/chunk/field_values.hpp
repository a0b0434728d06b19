// A decoded column of field values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "chunk/string_column.hpp"
#include "penstock/core/record.hpp"

namespace penstock::chunk {

// Values of one field column in one group. Row numbers are those of the group. Immutable once decoded.
class FieldValues {
 public:
  // Reads a column of a group of so many rows. False on corrupt bytes.
  bool decode(ByteReader& in, FieldType type, std::size_t row_count);

  FieldType type() const { return type_; }
  std::size_t count() const { return count_; }  // rows that have it
  bool has(std::size_t row) const { return find(row) != kAbsent; }
  std::optional<FieldValue> at(std::size_t row) const;

  // Loops over present values in row order, i < count(): the row and the value.
  std::size_t row_of(std::size_t i) const { return rows_.empty() ? i : rows_[i]; }
  FieldValue value(std::size_t i) const;
  const StringColumn& strings() const { return strings_; }              // count() rows, of type string or json
  std::span<const std::int64_t> integers() const { return integers_; }  // of type integer, boolean (0 or 1)
  std::span<const double> reals() const { return reals_; }

  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t kAbsent = SIZE_MAX;
  // The place of a row among the present ones.
  std::size_t find(std::size_t row) const;

  FieldType type_ = FieldType::null;
  std::size_t count_ = 0;
  std::vector<std::uint32_t> rows_;  // empty: all rows have it
  StringColumn strings_;
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
};

}  // namespace penstock::chunk
