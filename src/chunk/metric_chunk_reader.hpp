// Reads a chunk of samples, only the series that are asked for. Format: FORMAT.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "chunk/payload_reader.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"

namespace penstock::chunk {

struct SeriesEntry {
  SeriesId id = 0;
  std::uint32_t count = 0;
  Timestamp min_time, max_time;
};

// Samples of one series, in time order; views valid during the visit. A series of more than 65,536 samples is visited in several pieces,
// in time order.
struct SeriesSamples {
  SeriesId series = 0;
  std::span<const std::int64_t> timestamps;   // ns
  std::span<const std::int64_t> received_at;  // ns
  std::span<const double> values;
};

// Returns false to stop.
using SeriesVisitor = std::function<bool(const SeriesSamples&)>;

// One thread. Errors: corrupt, key_mismatch, unsupported_version, and those of the payload reader.
class MetricChunkReader {
 public:
  // Reads the header only.
  static Result<std::unique_ptr<MetricChunkReader>> open(const Chunk& chunk, PayloadReader payload, Sealer& sealer);
  ~MetricChunkReader();

  const ChunkMeta& meta() const;
  // Every series of the chunk, ascending by id. Reads the whole payload, a segment at a time.
  Result<std::vector<SeriesEntry>> directory();

  // Samples with a time in [from, to) of the named series (ascending, without repeats), in that order; series without such samples are
  // not visited. Reads only the segments that hold them, neighbours in one payload read.
  Result<void> read(std::span<const SeriesId> series, Timestamp from, Timestamp to, const SeriesVisitor& visit);
  // The same for every series of the chunk.
  Result<void> read_all(Timestamp from, Timestamp to, const SeriesVisitor& visit);
  // Payload bytes fetched so far.
  std::uint64_t bytes_read() const;

 private:
  struct State;
  explicit MetricChunkReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace penstock::chunk
