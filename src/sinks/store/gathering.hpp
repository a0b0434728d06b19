// What the store sink holds until the next commit: one builder for each (deployment, kind, day).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "chunk/log_chunk_builder.hpp"
#include "chunk/metric_chunk_builder.hpp"
#include "penstock/core/batch.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/sealer.hpp"
#include "sinks/store/series_index.hpp"
#include "sinks/store/store_sink_options.hpp"

namespace penstock::sinks {

// Not thread-safe.
class Gathering {
 public:
  Gathering(const StoreSinkOptions& options, JournalId journal);

  void add(const RecordView& record, Sequence sequence);
  // The record itself is the letter. An empty `record`: its bytes cannot be told.
  void add_dead(const RecordView* record, Sequence sequence, std::string_view reason, std::string_view detail);

  // No more records before a commit: what it holds, the number of builders, or the days in one commit are at their limit.
  bool full() const;
  std::size_t bytes() const { return bytes_ + series_.fresh_bytes(); }
  std::size_t records() const { return records_; }  // logs and samples

  // Makes chunks of everything gathered and adds all to `commit`. After an error what was not added yet is still here:
  // call again.
  Result<void> finish(Sealer& sealer, StoreCommit& commit);
  void clear();
  void refuse(const Series& series) { series_.refuse(series); }

 private:
  using Builder = std::variant<chunk::LogChunkBuilder, chunk::MetricChunkBuilder>;
  using Key = std::tuple<std::int32_t, RecordKind, std::string>;
  struct Slot {
    Builder builder;
    std::size_t bytes = 0;
  };

  Slot& slot_for(RecordKind kind, std::string_view deployment, std::int32_t day);
  void grew(Slot& slot, std::size_t bytes);
  void add_point(const PointView& point, Sequence sequence);

  const StoreSinkOptions& options_;
  const JournalId journal_;
  SeriesIndex series_;
  std::map<Key, Slot> slots_;
  const Key* last_key_ = nullptr;  // records of a batch mostly go to one builder
  Slot* last_ = nullptr;
  std::set<std::int32_t> days_;
  std::vector<DeadLetter> dead_;
  std::vector<chunk::SeriesSample> samples_;
  std::vector<SampleView> refused_samples_;
  std::size_t bytes_ = 0, records_ = 0;  // of builders and dead letters
};

}  // namespace penstock::sinks
