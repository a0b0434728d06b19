// What a deletion of logs is about. The one place that knows it: queries, housekeeping and the store's SQL follow this.
#pragma once

#include <cstdint>
#include <string>

#include "penstock/core/ids.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/time.hpp"

namespace penstock {

struct ChunkMeta;

// Records of logs that answers must leave out: those of the deployment and time range that were there when it was made, as far as its
// filters match them (the query room's, which alone reads `filter_json`).
struct Deletion {
  std::int64_t id = 0;
  std::string deployment;
  Timestamp from, to;       // [from, to)
  std::string filter_json;  // the query's filters as the query room spells them
  JournalId journal;        // of the server that took it
  Sequence before = 0;      // records of that journal from here on are newer than the deletion
  Timestamp created_at;
  std::uint64_t records = 0;  // that it was about when it was made
};

// Whether a record was there when the deletion was made. In the journal of the server that took it sequences tell, whatever its clock
// did; of other servers' records only the time of arrival is known.
inline bool came_before(const Deletion& deletion, RecordId id, Timestamp received_at) {
  return id.journal == deletion.journal ? id.sequence < deletion.before : received_at < deletion.created_at;
}

inline bool in_range(const Deletion& deletion, Timestamp time) { return time >= deletion.from && time < deletion.to; }

// Everything but the filters.
bool covers(const Deletion& deletion, RecordId id, const LogView& log);

// How many of a chunk's records it is about, its filters aside, as far as what planning knows of the chunk tells.
enum class Coverage { none, some, all };
Coverage coverage_of(const Deletion& deletion, const ChunkMeta& chunk);

}  // namespace penstock
