// Reads the samples of a set of series from live frames and from chunks.
#pragma once

#include <functional>
#include <span>

#include "penstock/core/ids.hpp"
#include "penstock/ports/sealer.hpp"
#include "query/query_run.hpp"
#include "query/read_view.hpp"
#include "query/series_set.hpp"

namespace penstock::query {

// Samples of one series, ascending in time, as long as the call.
struct SampleRun {
  std::span<const std::int64_t> times;
  std::span<const std::int64_t> received;
  std::span<const double> values;
  JournalId journal;      // that they came through
  Sequence sequence = 0;  // of the one live sample, or the least of the chunk's

  std::size_t size() const { return times.size(); }
};
using SampleVisitor = std::function<Result<void>(std::size_t series, const SampleRun& samples)>;

class MetricScan {
 public:
  MetricScan(const ReadView& view, const Deployments& deployments, SeriesSet& series, Sealer& sealer, QueryRun& run)
      : view_(view), deployments_(deployments), series_(series), sealer_(sealer), run_(run) {}

  // Live samples in [from, to), one a call, in the order they were received; adds series that the catalog does not
  // know.
  Result<void> live(Timestamp from, Timestamp to, const SampleVisitor& visit);
  // Samples in [from, to) of all series, in any order of chunks. `wants(series, max_time of the chunk)` false passes a
  // series over.
  using Wants = std::function<bool(std::size_t series, Timestamp max)>;
  Result<void> chunks(Timestamp from, Timestamp to, const Wants& wants, const SampleVisitor& visit);
  // Day by day, each series' samples gathered and sorted (those of `live` among them), so that each series comes in
  // time order, equal times in the order they arrived.
  struct Sample {
    std::int64_t time;
    std::int64_t received;
    double value;
  };
  using LiveSamples = std::vector<std::vector<Sample>>;  // by series
  Result<void> ordered(Timestamp from, Timestamp to, LiveSamples live, const Wants& wants, const SampleVisitor& visit);

 private:
  Result<void> read(const Chunk& chunk, std::span<const SeriesId> ids, Timestamp from, Timestamp to,
                    const SampleVisitor& visit);
  Result<void> day(const std::vector<Chunk>& chunks, Timestamp from, Timestamp to, LiveSamples& live, const Wants& wants,
                   const SampleVisitor& visit);

  const ReadView& view_;
  const Deployments& deployments_;
  SeriesSet& series_;
  Sealer& sealer_;
  QueryRun& run_;
};

}  // namespace penstock::query
