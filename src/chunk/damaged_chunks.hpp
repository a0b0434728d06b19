// Chunks that cannot be read as they were written: each is logged once and counted once, and errors name it.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "penstock/core/error.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/metrics.hpp"

namespace penstock::chunk {

// "chunk 12 (shop, logs of 2026-11-28)"
std::string name_of(const ChunkMeta& meta);

// Thread-safe. Damage costs no data: what is damaged is kept, and passed over only where it is not needed.
class DamagedChunks {
 public:
  // `found_by` is a label of the counter: who looks.
  DamagedChunks(MetricsRegistry& metrics, std::string_view found_by);

  // Its records cannot be read. Returns the error for whoever asked for them: it names the chunk and its day.
  Error content(const ChunkMeta& meta, const Error& why);
  // What its words are cannot be told, so it is read whole.
  void filter(const ChunkMeta& meta, const Error& why);

 private:
  enum class Part { content, filter };
  void note(const ChunkMeta& meta, Part part, const Error& why);

  static constexpr std::size_t kRemembered = 4096;  // beyond, one that was forgotten is told again
  Counter &contents_, &filters_;
  std::mutex mutex_;
  std::set<std::pair<ChunkId, Part>> told_;
};

}  // namespace penstock::chunk
