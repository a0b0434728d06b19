// A predicate over the columns of a row group: the same answers as matches(), asked once a distinct value where a
// column is a dictionary.
#pragma once

#include "chunk/log_chunk_reader.hpp"
#include "query/matcher.hpp"
#include "query/predicate.hpp"
#include "query/row_mask.hpp"

namespace penstock::query {

// A loaded group and the chunk it is of.
struct GroupColumns {
  const chunk::LogChunkReader& reader;
  const chunk::LogGroup& group;
};

// Takes out of `rows` those that do not match. The columns of the predicate's needs must be loaded.
void narrow(const Predicate& predicate, const GroupColumns& columns, RowMask& rows);

// What to load of this chunk so that narrow() works.
void add_columns(const NeededColumns& needs, const chunk::LogChunkReader& reader, chunk::ColumnSelection& columns);

}  // namespace penstock::query
