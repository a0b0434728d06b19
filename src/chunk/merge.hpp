// Compaction: many chunks of one (journal, deployment, kind, day) become few bigger ones.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "chunk/chunk_options.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

struct MergeOptions {
  std::uint32_t target_bytes = 4u << 20;  // an output's payload ends soon after this size
  WriteOptions write = {.zstd_level = 3};
  std::optional<std::uint32_t> level;     // of the outputs; absent: highest of the inputs + 1
  // Logs only: false drops the record. Absent keeps all. The view is whole (all fields) and valid during the call.
  std::function<bool(const LogView&, Sequence)> keep;
};

struct Merged {
  std::vector<Chunk> chunks;   // ids are 0; may be empty when every record was dropped
  std::uint64_t records = 0;   // kept
  std::uint64_t dropped = 0;   // by `keep`
};

// Inputs carry their payloads, and must agree in journal, deployment, kind and day (else `internal`). One input is allowed (rewriting).
//
// Logs: outputs follow each other in (timestamp, sequence). Memory beside inputs and outputs: a decoded group (about WriteOptions::
// group_bytes) of each input that overlaps the current time, and one group being written.
Result<Merged> merge_logs(const std::vector<Chunk>& inputs, const MergeOptions& options, Sealer& sealer);

// Metrics: outputs are sorted by series, with disjoint ranges of series; duplicates stay; of equal times the earlier input's come first.
// A chunk whose one series is larger than the target stays one chunk.
Result<Merged> merge_metrics(const std::vector<Chunk>& inputs, const MergeOptions& options, Sealer& sealer);

// By the inputs' kind.
Result<Merged> merge(const std::vector<Chunk>& inputs, const MergeOptions& options, Sealer& sealer);

}  // namespace penstock::chunk
