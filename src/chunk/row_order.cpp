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

  sort_rows();
  ranks_.resize(count);
  for (std::uint32_t rank = 0; rank < count; ++rank) ranks_[order_[rank]] = rank;
  values_by_rank_.resize(rows.fields.size());
  for (std::size_t column = 0; column < rows.fields.size(); ++column) sort_values(column);
}

void RowOrder::sort_rows() {
  // Times beside their rows, so that sorting does not jump about in memory. Where several senders' records were gathered one after the
  // other, each in order, merging runs is the faster sort; sequences ascend but for what a merge of chunks brings together.
  struct Place {
    std::int64_t time;
    std::uint64_t sequence;
    std::uint32_t row;
  };
  std::vector<Place> places(rows_.size());
  for (std::uint32_t row = 0; row < places.size(); ++row) places[row] = {rows_.timestamps[row], rows_.sequences[row], row};
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return a.time != b.time ? a.time < b.time : a.sequence < b.sequence;
  });
  order_.resize(places.size());
  for (std::size_t rank = 0; rank < places.size(); ++rank) order_[rank] = places[rank].row;
}

void RowOrder::sort_values(std::size_t column) {
  constexpr std::size_t kDense = 16;  // one row in so many has a value: a walk over all rows costs less than a sort
  const auto& field_rows = rows_.fields[column].rows;
  auto& values = values_by_rank_[column];
  values.resize(field_rows.size());
  if (field_rows.size() * kDense < order_.size()) {
    std::iota(values.begin(), values.end(), 0u);
    std::sort(values.begin(), values.end(),
              [&](std::uint32_t a, std::uint32_t b) { return ranks_[field_rows[a]] < ranks_[field_rows[b]]; });
    return;
  }
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> value_of_row(order_.size(), kNone);
  for (std::uint32_t value = 0; value < field_rows.size(); ++value) value_of_row[field_rows[value]] = value;
  std::size_t next = 0;
  for (const std::uint32_t row : order_) {
    if (value_of_row[row] != kNone) values[next++] = value_of_row[row];
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
