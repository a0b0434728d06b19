// The series a metrics query is about: from the store's catalog, and from live records that the catalog does not know
// yet.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "penstock/core/labels.hpp"
#include "penstock/core/record.hpp"
#include "penstock/ports/chunk_store.hpp"
#include "query/metric_query.hpp"
#include "query/query_run.hpp"
#include "query/scope.hpp"

namespace penstock::query {

class SeriesSet {
 public:
  using LabelFilters = std::vector<std::pair<std::string, std::string>>;
  static constexpr std::size_t kNone = SIZE_MAX;

  // Of these names (empty: all) with all of these labels, as far as the deployments cover them. Only the memory for queries bounds how many these are: it is
  // series with samples of which there may be too many, and of those only who reads the samples knows.
  SeriesSet(MetricDeployments deployments, std::vector<std::string> names, LabelFilters labels, QueryRun& run);

  // From the catalog: those that may have samples on the days of the range.
  Result<void> load(StoreSnapshot& snapshot, Timestamp from, Timestamp to);
  // The place of a live sample's series, added when it is new; kNone when it is not asked for. Call begin() for each
  // point first.
  bool begin(const PointView& point);  // false: no sample of this point is asked for
  Result<std::size_t> find(std::string_view name);
  // The place of a series in a chunk; kNone when it is not asked for.
  std::size_t find(SeriesId id) const;

  std::size_t size() const { return series_.size(); }
  const Series& operator[](std::size_t i) const { return series_[i]; }
  // Ids in [low, high], ascending.
  std::vector<SeriesId> ids(SeriesId low, SeriesId high) const;
  std::vector<Series> take() { return std::move(series_); }

 private:
  bool asks_for(std::string_view name) const;
  Result<std::size_t> add(Series series);

  const MetricDeployments deployments_;
  const std::vector<std::string> names_;
  const LabelFilters labels_;
  QueryRun& run_;
  std::vector<Series> series_;
  std::unordered_map<SeriesId, std::size_t> by_id_;
  mutable std::vector<SeriesId> sorted_;
  const PointView* point_ = nullptr;
  std::string key_;              // of the point, then of the name
  std::size_t key_prefix_ = 0;   // 0: not built for this point yet
  std::unordered_map<std::string, std::size_t> by_key_;  // live samples seen
};

// About what a series holds in memory.
std::size_t memory_bytes(const Series& series);

// The error of a query in whose range more than `most` series have samples.
Error too_many_series(std::size_t most);

}  // namespace penstock::query
