// What the first page of a dashboard asks: who sent how many logs lately, of all deployments that the caller may read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_budget.hpp"
#include "core/clock_zone.hpp"
#include "penstock/core/severity.hpp"
#include "penstock/core/time.hpp"
#include "query/log_query.hpp"
#include "query/stats.hpp"

namespace penstock::query {

struct OverviewQuery {
  std::vector<std::string> deployments = {};  // empty: all that the scope allows
  Timestamp from = {}, to = {};               // [from, to)
  std::int64_t step_ns = 0;                   // of the histogram; 0: a round step
  ZoneName zone = {};                         // by whose clocks steps of an hour and more begin
  std::size_t limit = 1'000;                  // sources in the answer
  std::int64_t timeout_ns = 0;                // as LogQuery's
};

struct Overview {
  struct Counts {
    std::array<std::uint64_t, kSeverityCount> by_severity{};
    Timestamp last;  // the newest record's

    std::uint64_t total() const;
    std::uint64_t errors() const;  // ERROR and above
  };
  struct Source {
    std::string deployment, source;
    Counts counts;
  };
  struct Deployment {
    std::string name;
    Counts counts;
    std::uint64_t sources = 0;
  };
  Timestamp from, to;
  std::int64_t step_ns = 0;
  std::vector<LogHistogram::Bucket> buckets;  // of all deployments
  std::vector<Deployment> deployments;        // by name; all that have a record
  std::vector<Source> sources;                // those with the most errors first, then with the most records
  std::uint64_t sources_total = 0;            // also those past the limit
  bool approximate = false;  // more sources than are told apart: the last ones count for their deployment only
  Stats stats;
  std::optional<ByteBudget::Lease> lease;
};

}  // namespace penstock::query
