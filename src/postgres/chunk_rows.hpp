// Chunks as rows of the table `chunk`: the columns, and how they travel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "postgres/pq_connection.hpp"

namespace penstock::postgres {

// Series ids are unsigned, bigint is not: the top bit flipped keeps their order.
inline std::int64_t series_to_sql(SeriesId id) { return static_cast<std::int64_t>(id ^ (std::uint64_t{1} << 63)); }
inline SeriesId series_from_sql(std::int64_t value) {
  return static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63);
}

// The columns that read_meta() expects, in its order, separated by commas.
extern const char* const kMetaColumns;
inline constexpr int kMetaColumnCount = 17;

ChunkMeta read_meta(const PqResult& result, int row);

// Sends the chunks with one binary COPY; their ids are assigned by the database. The partitions must exist.
// `rewritten_for`: deletions whose records are gone from all of them.
Result<void> insert_chunks(PqConnection& connection, const std::vector<Chunk>& chunks,
                           const std::vector<std::int64_t>& rewritten_for);

}  // namespace penstock::postgres
