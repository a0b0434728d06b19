#include "penstock/core/deletion.hpp"

#include "penstock/ports/chunk_store.hpp"

namespace penstock {

bool covers(const Deletion& deletion, RecordId id, const LogView& log) {
  return log.deployment == deletion.deployment && in_range(deletion, log.timestamp) && came_before(deletion, id, log.received_at);
}

Coverage coverage_of(const Deletion& deletion, const ChunkMeta& chunk) {
  if (chunk.kind != RecordKind::log || chunk.deployment != deletion.deployment || chunk.max_time < deletion.from ||
      chunk.min_time >= deletion.to) {
    return Coverage::none;
  }
  // When a chunk's records arrived stands only inside of it.
  if (chunk.journal != deletion.journal) return Coverage::some;
  if (chunk.min_sequence >= deletion.before) return Coverage::none;
  const bool whole = in_range(deletion, chunk.min_time) && in_range(deletion, chunk.max_time) && chunk.max_sequence < deletion.before;
  return whole ? Coverage::all : Coverage::some;
}

}  // namespace penstock
