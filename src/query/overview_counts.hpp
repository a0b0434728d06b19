// Counts records by deployment, source and severity, and by time.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "query/histogram_counts.hpp"
#include "query/log_scan.hpp"
#include "query/overview.hpp"

namespace penstock::query {

class OverviewCounts final : public LogConsumer {
 public:
  // At most `max_sources` are told apart.
  OverviewCounts(const StepGrid& grid, std::size_t max_sources, ByteBudget::Lease& lease);

  void add_columns(chunk::ColumnSelection& columns) const override;
  Result<void> group(const chunk::LogChunkReader& reader, chunk::LogGroup& group, const RowMask& rows) override;
  Result<void> record(RecordId id, const LogView& log) override;

  // The counts of what was seen; `limit` sources.
  void take(Overview& into, std::size_t limit);

 private:
  struct Deployment {
    Overview::Counts counts;
    std::map<std::string, Overview::Counts, std::less<>> sources;
  };

  Result<Deployment*> deployment(std::string_view name);
  // Null when there are too many.
  Result<Overview::Counts*> source(Deployment& of, std::string_view name);

  HistogramCounts histogram_;
  const std::size_t max_sources_;
  ByteBudget::Lease& lease_;
  std::map<std::string, Deployment, std::less<>> deployments_;
  std::size_t sources_ = 0;
  bool approximate_ = false;
};

}  // namespace penstock::query
