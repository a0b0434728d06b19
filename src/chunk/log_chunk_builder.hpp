// Gathers the log records of one (deployment, journal, day) and makes a chunk of them. Format: FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "chunk/chunk_options.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

// Not thread-safe. Records may come in any order; the chunk is sorted by (timestamp, sequence).
class LogChunkBuilder {
 public:
  LogChunkBuilder(std::string deployment, JournalId journal, std::int32_t day);
  ~LogChunkBuilder();
  LogChunkBuilder(LogChunkBuilder&&) noexcept;
  LogChunkBuilder& operator=(LogChunkBuilder&&) noexcept;

  // Copies the record; the caller has chosen the builder by log.deployment and day_of(log.timestamp), which are not looked at. Amortised
  // without allocation. A record may carry a field name twice, also with different types: all values are kept.
  void add(const LogView& log, Sequence sequence);

  std::size_t record_count() const;
  bool empty() const { return record_count() == 0; }
  // What the builder holds in memory. finish() needs about the finished chunk and 4 MiB more while it runs.
  std::size_t memory_bytes() const;

  const std::string& deployment() const;
  JournalId journal() const;
  std::int32_t day() const;

  // The chunk; the builder is empty again and has let its memory go. Key scope: "chunk/<deployment>/<day>". On an error (the sealer's, or
  // too_large past 4 GiB) the records are still there. Asking an empty builder gives `internal`.
  Result<Chunk> finish(Sealer& sealer, const WriteOptions& options = {});
  // Forgets all records.
  void clear();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock::chunk
