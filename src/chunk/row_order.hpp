// The order in which gathered log rows are written: by (timestamp, sequence), cut into groups.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "chunk/chunk_options.hpp"
#include "chunk/log_rows.hpp"

namespace penstock::chunk {

// A run of rows in that order: ranks [begin, end).
struct RankRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// The values of one field column within a group.
struct ColumnSlice {
  std::vector<std::uint32_t> places;  // row within the group, ascending
  std::vector<std::uint32_t> values;  // place in the FieldBuffer
};

// Keeps a reference to the rows. Rows that came in order (the usual case) cost nothing.
class RowOrder {
 public:
  explicit RowOrder(const LogRows& rows);

  // The next group, or false at the end.
  bool next(const WriteOptions& options, RankRange& group);
  std::uint32_t row(std::size_t rank) const { return order_.empty() ? static_cast<std::uint32_t>(rank) : order_[rank]; }
  // Groups must be asked for in order.
  void slice(std::size_t column, RankRange group, ColumnSlice& out);

 private:
  void sort_rows();
  void sort_values(std::size_t column);

  const LogRows& rows_;
  std::vector<std::uint32_t> order_;  // rank → row; empty: as they came
  std::vector<std::uint32_t> ranks_;  // row → rank
  std::vector<std::vector<std::uint32_t>> values_by_rank_;  // a column; empty: as they came
  std::vector<std::size_t> taken_;    // a column: values of earlier groups
  std::size_t at_ = 0;
};

}  // namespace penstock::chunk
