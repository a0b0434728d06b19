// Runs a filter over everything a view holds and hands what matches to a consumer: live frames first, then chunks in
// time order.
#pragma once

#include <optional>

#include "chunk/log_chunk_reader.hpp"
#include "penstock/ports/sealer.hpp"
#include "query/column_filter.hpp"
#include "query/matcher.hpp"
#include "query/query_run.hpp"
#include "query/read_view.hpp"
#include "query/row_mask.hpp"
#include "query/scope.hpp"

namespace penstock::query {

struct LogRange {
  Deployments deployments;
  Timestamp from, to;
  std::optional<Severity> min_severity;  // what the matcher asks at least, for planning
  std::optional<RecordId> containing;    // only chunks that may hold this record, for planning
  std::optional<SequenceRange> arrived;  // only these records
  bool ascending = false;                // order in which chunks are taken
};

// What a query does with matching records.
class LogConsumer {
 public:
  virtual ~LogConsumer() = default;
  // False: records in [min, max] cannot change the answer any more.
  virtual bool wants(Timestamp min, Timestamp max) const;
  // Columns that group() looks at beside timestamps and sequences.
  virtual void add_columns(chunk::ColumnSelection& columns) const;
  // Takes out rows that cannot change the answer, before the filters are asked.
  virtual void restrict_rows(const GroupColumns& in, RowMask& rows) const;
  // Matching rows of a group; it may load more columns.
  virtual Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) = 0;
  // A matching record of a live frame; the view is valid during the call.
  virtual Result<void> record(RecordId id, const LogView& log) = 0;
  // A chunk that may hold matching records cannot be read (any groups before that were handed over). What it returns ends the scan, or not.
  virtual Result<void> damaged(const ChunkMeta& chunk, Error error);
  // After the last record of a frame.
  virtual Result<void> frame_end(const Frame& frame);
};

Result<void> scan_logs(const ReadView& view, const LogRange& range, const Matcher& matcher, Sealer& sealer,
                       LogConsumer& consumer, QueryRun& run);

}  // namespace penstock::query
