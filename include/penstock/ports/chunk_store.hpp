// Where chunks are kept. Implemented over Postgres; queries and the store sink know only this.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/core/audit.hpp"
#include "penstock/core/deletion.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/labels.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/destination_writers.hpp"

namespace penstock {

using ChunkId = std::int64_t;

// What planning needs to know of a chunk; everything else is in its bytes (src/chunk/FORMAT.md).
struct ChunkMeta {
  ChunkId id = 0;
  JournalId journal;
  std::string deployment;
  RecordKind kind = RecordKind::log;
  std::int32_t day = 0;  // day_of() every record's timestamp
  Timestamp min_time, max_time;
  Sequence min_sequence = 0, max_sequence = 0;
  std::uint32_t record_count = 0;           // logs, or samples
  SeriesId min_series = 0, max_series = 0;  // metrics only
  std::uint8_t min_severity = 0, max_severity = 6;
  std::uint64_t key_id = 0;                 // sealing key
  std::uint32_t level = 0;                  // 0 as flushed; compaction raises it
  std::uint32_t payload_bytes = 0;
};

struct Chunk {
  ChunkMeta meta;
  std::string header;   // directory of blocks, dictionaries of column names; small
  std::string filter;   // token filter; empty for metrics
  std::string payload;  // the blocks
};

struct DeadLetter {
  JournalId journal;
  Sequence sequence = 0;
  std::string reason;  // ErrorCode name
  std::string detail;
  std::string batch;   // a batch holding just that record
  std::string deployment = {};  // that it is sealed for; known only where it is made
};

struct ChunkFilter {
  std::vector<std::string> deployments;  // empty: all
  RecordKind kind = RecordKind::log;
  Timestamp from, to;                    // records in [from, to)
  std::optional<SeriesId> series_min, series_max;
  std::optional<Severity> min_severity;
  std::optional<SequenceRange> arrived;  // only chunks that may hold one of these records
  std::optional<RecordId> containing;    // only chunks whose sequence range of that journal holds this record
};

// A series, and the days from the first to the last on which it has samples, as far as the writer knows.
struct SeenSeries : Series {
  // Of one that may have samples on any day.
  SeenSeries(Series series) : Series(std::move(series)) {}
  SeenSeries(Series series, std::int32_t first, std::int32_t last) : Series(std::move(series)), first_day(first), last_day(last) {}

  std::int32_t first_day = std::numeric_limits<std::int32_t>::min();
  std::int32_t last_day = std::numeric_limits<std::int32_t>::max();
};

// One commit of the store sink.
struct StoreCommit {
  JournalId journal;
  Sequence expected_cursor = 0;  // compare-and-set: what the cursor must be
  Sequence new_cursor = 0;
  std::vector<Chunk> chunks;     // ids are assigned by the store
  std::vector<SeenSeries> series;  // of samples in `chunks`; those whose days the store knows already may be left out
  std::vector<DeadLetter> dead_letters;
};

struct SeriesFilter {
  std::vector<std::string> deployments;  // empty: all
  std::string name;                      // empty: all names
  std::vector<std::pair<std::string, std::string>> labels;  // all must match
  // Only those that may have samples on a day from the one that holds `from` to the one that holds `to`.
  Timestamp from = {std::numeric_limits<std::int64_t>::min()}, to = {std::numeric_limits<std::int64_t>::max()};
};

// What the store holds of a deployment's records of one kind.
struct StoredAmount {
  std::string deployment;
  RecordKind kind = RecordKind::log;
  std::uint64_t chunks = 0, records = 0, bytes = 0;
  Timestamp first, last;  // times of the oldest and the newest record
};

// A consistent view: the cursors and the chunks of one moment. One thread; holds one read connection until destroyed, so keep it
// short-lived. Errors: unavailable (try again later), canceled, internal.
class StoreSnapshot {
 public:
  virtual ~StoreSnapshot() = default;
  // First sequence of that journal not in the store; 0 when the store does not know the journal.
  virtual Sequence cursor(JournalId journal) const = 0;
  // Chunks that may hold matching records, newest max_time first. `visit` returns false to stop. Header and filter are given, the payload is not.
  virtual Result<void> chunks(const ChunkFilter& filter, const std::function<bool(const Chunk&)>& visit) = 0;
  // Bytes [offset, offset + size) of a chunk's payload.
  virtual Result<std::string> read_payload(const ChunkMeta& chunk, std::uint32_t offset, std::uint32_t size) = 0;
  virtual Result<void> series(const SeriesFilter& filter, const std::function<bool(const Series&)>& visit) = 0;
  // Of every deployment that has chunks, by name and kind. Looks at the metadata of all chunks: for now and then, not for every request.
  virtual Result<void> stored(const std::function<void(const StoredAmount&)>& visit) = 0;
  virtual Result<std::vector<Deletion>> deletions(const std::vector<std::string>& deployments) = 0;
  // Any thread: the call that runs now, and every later one, ends with `canceled` as soon as it can.
  virtual void cancel() {}
};

// Thread-safe; every call may block, so never from an io thread.
class ChunkStore {
 public:
  virtual ~ChunkStore() = default;
  // The cursor of a journal, made at 1 when it is new; locks out another writer of the same journal for the moment of the call, and makes us
  // its writer. conflict: another server with this journal (a copy of our data folder) was there before us: it goes on, and we must stop.
  virtual Result<Sequence> load_cursor(JournalId journal) = 0;
  // Of the journal that load_cursor() was called for, as of its first success.
  virtual DestinationWriters writers() const { return {}; }
  // Whether we still are the journal's writer; who came later is told to stop. conflict: as above. Cheap: for every second or so.
  virtual Result<void> check_session(JournalId) { return {}; }
  // All or nothing, exactly once. conflict: the cursor was not what was expected, somebody else writes (reload it).
  // unavailable: not stored as far as we know; load_cursor tells for certain. invalid_value: the data cannot be stored (bisect).
  // key_mismatch: a key that something in it is sealed with was destroyed meanwhile: nothing was stored, seal anew under another.
  virtual Result<void> commit(const StoreCommit& commit) = 0;
  // Waits for a read connection at most the given time.
  virtual Result<std::unique_ptr<StoreSnapshot>> snapshot() = 0;
  // With its id. The audit entry is written with it, or neither is; one without an action is not written.
  virtual Result<Deletion> add_deletion(const Deletion& deletion, const AuditEntry& entry = {}) = 0;
};

}  // namespace penstock
