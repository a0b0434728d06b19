#include "query/single_row.hpp"

namespace penstock::query {

void SingleRow::restrict_rows(const GroupColumns& in, RowMask& rows) const {
  const auto sequences = in.group.sequences();
  const bool other = in.reader.meta().journal != id_.journal;
  rows.each([&](std::size_t row) {
    if (other || sequences[row] != id_.sequence) rows.clear(row);
  });
}

Result<void> SingleRow::group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) {
  if (auto ok = group.load(chunk::ColumnSelection::everything()); !ok) return ok;
  chunk::LogRow row;
  rows.each([&](std::size_t index) {
    group.row(index, row);
    row.log.deployment = reader.meta().deployment;
    found_ = LogRow::from(id_, row.log);
  });
  return {};
}

Result<void> SingleRow::record(RecordId id, const LogView& log) {
  if (id == id_) found_ = LogRow::from(id, log);
  return {};
}

}  // namespace penstock::query
