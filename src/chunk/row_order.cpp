#include "chunk/row_order.hpp"

#include <algorithm>
#include <numeric>

namespace penstock::chunk {

RowOrder::RowOrder(const LogRows& rows) : rows_(rows), taken_(rows.fields.size(), 0) {
  const auto before = [&rows](std::uint32_t a, std::uint32_t b) {
    if (rows.timestamps[a] != rows.timestamps[b]) return rows.timestamps[a] < rows.timestamps[b];
    if (rows.sequences[a] != rows.sequences[b]) return rows.sequences[a] < rows.sequences[b];
    return a < b;
  };
  const auto count = static_cast<std::uint32_t>(rows.size());
  bool sorted = true;
  for (std::uint32_t row = 1; row < count && sorted; ++row) sorted = before(row - 1, row);
  if (sorted) return;

  order_.resize(count);
  std::iota(order_.begin(), order_.end(), 0u);
  std::sort(order_.begin(), order_.end(), before);
  ranks_.resize(count);
  for (std::uint32_t rank = 0; rank < count; ++rank) ranks_[order_[rank]] = rank;
  values_by_rank_.resize(rows.fields.size());
  for (std::size_t column = 0; column < rows.fields.size(); ++column) {
    const auto& field_rows = rows.fields[column].rows;
    auto& values = values_by_rank_[column];
    values.resize(field_rows.size());
    std::iota(values.begin(), values.end(), 0u);
    std::sort(values.begin(), values.end(),
              [&](std::uint32_t a, std::uint32_t b) { return ranks_[field_rows[a]] < ranks_[field_rows[b]]; });
  }
}

bool RowOrder::next(const WriteOptions& options, RankRange& group) {
  if (at_ == rows_.size()) return false;
  group.begin = at_;
  std::size_t bytes = 0;
  while (at_ < rows_.size() && at_ - group.begin < options.group_rows && bytes < options.group_bytes) bytes += rows_.weights[row(at_++)];
  group.end = at_;
  return true;
}

void RowOrder::slice(std::size_t column, RankRange group, ColumnSlice& out) {
  out.places.clear();
  out.values.clear();
  const auto& field_rows = rows_.fields[column].rows;
  std::size_t& at = taken_[column];
  for (; at < field_rows.size(); ++at) {
    const std::uint32_t value = order_.empty() ? static_cast<std::uint32_t>(at) : values_by_rank_[column][at];
    const std::uint32_t rank = order_.empty() ? field_rows[value] : ranks_[field_rows[value]];
    if (rank >= group.end) break;
    out.places.push_back(static_cast<std::uint32_t>(rank - group.begin));
    out.values.push_back(value);
  }
}

}  // namespace penstock::chunk
