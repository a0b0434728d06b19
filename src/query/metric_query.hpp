// Questions about metrics and their answers, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/byte_budget.hpp"
#include "penstock/core/labels.hpp"
#include "penstock/core/time.hpp"
#include "query/aggregate.hpp"
#include "query/stats.hpp"
#include "query/step_grid.hpp"

namespace penstock::query {

inline constexpr std::uint32_t kMaxPoints = 11'000;  // points a series in one answer
inline constexpr std::uint32_t kMaxTop = 10'000;     // lines that may be asked for as the largest

// Which series. All conditions must hold. A series counts for a range when it has samples on the range's days.
struct SeriesQuery {
  std::vector<std::string> deployments = {};  // empty: all that the scope allows
  std::vector<std::string> names = {};        // exact; empty: all
  std::vector<std::pair<std::string, std::string>> labels = {};  // `source` is a label
  std::size_t limit = 10'000;            // series in the answer of series(), as far as Options::max_series; past it the answer says truncated
  std::optional<Timestamp> from = {}, to = {};  // absent: all that is kept
  std::int64_t timeout_ns = 0;           // of all queries here as LogQuery's
};

struct MetricInfo {
  std::string name;
  std::string unit;                 // as declared, else as far as the name tells ("" otherwise, and where deployments declare different ones)
  std::string description = {};     // as declared
  bool custom = false;              // declared in some deployment of these series
  std::vector<std::string> labels;  // names, sorted
  std::uint64_t series = 0;
};

struct MetricList {
  std::vector<MetricInfo> metrics;  // by name
  Stats stats;
};

struct SeriesList {
  std::vector<Series> series;  // by name, deployment, labels
  bool truncated = false;
  Stats stats;
};

// By what the largest lines of an answer are told, over the points of the first aggregate.
enum class Rank { avg, min, max, last, sum };
std::optional<Rank> parse_rank(std::string_view text);

struct RangeQuery {
  std::vector<std::string> deployments = {};
  std::string name = {};
  std::vector<std::pair<std::string, std::string>> labels = {};
  Timestamp from = {}, to = {};        // [from, to)
  std::int64_t step_ns = 0;  // 0: about 300 points, on a round step. Buckets lie on multiples of the step
  std::vector<Aggregate> aggregates = {Aggregate::avg};  // at least one
  // Absent: one series a stored series. Else one a distinct tuple of these labels ("deployment" may be one); empty: one
  // in all.
  std::optional<std::vector<std::string>> by = {};
  // Absent: to. Buckets from here on are in the answer only as far as there are samples.
  std::optional<Timestamp> full_to = {};
  std::optional<Within> within = {};  // of every aggregate; absent: what each has by itself (aggregate.hpp)
  std::size_t top = 0;    // only so many lines, the largest; 0: all
  Rank rank = Rank::avg;  // … by this
  std::int64_t timeout_ns = 0;
  ZoneName zone = {};  // by whose clocks steps of an hour and more begin (step_grid.hpp)
};

struct RangeResult {
  using Values = std::vector<std::optional<double>>;  // one a bucket; nullopt: no sample
  struct Line {
    std::optional<std::string> deployment = {};  // when all its samples are of one by construction
    Labels labels = {};
    std::vector<Values> by_aggregate = {};       // in the order they were asked for
    std::optional<double> rank = {};             // when the largest were asked for

    const Values& values() const { return by_aggregate.front(); }
  };
  // Lines that are not among the largest: between what their points of the first aggregate lie.
  struct Rest {
    std::size_t series = 0;
    Values min, max;
  };
  std::string name;
  std::vector<Aggregate> aggregates;
  Timestamp from, to;         // aligned: the first bucket's start, the last one's end
  std::int64_t step_ns = 0;
  StepGrid grid;              // the buckets of a line, and some behind them
  std::vector<Line> series;   // by deployment, labels; the largest first when those were asked for
  std::size_t series_total = 0;  // also those that are left out
  std::optional<Rest> rest;      // when there are some
  Stats stats;
  std::optional<ByteBudget::Lease> lease;

  std::size_t points() const;  // buckets a line
};

struct LatestQuery {
  std::vector<std::string> deployments = {};
  std::vector<std::string> names = {};  // at most 100
  std::vector<std::pair<std::string, std::string>> labels = {};
  std::uint32_t n = 25;            // points a series, 1 … 1,000
  std::optional<Timestamp> from = {};   // where to begin to look for them; absent: a day back
  std::int64_t timeout_ns = 0;
};

struct LatestResult {
  struct Point {
    Timestamp time;
    double value = 0;
  };
  struct Line {
    Series series;
    std::vector<Point> points;  // oldest first; of one time in the order they arrived
  };
  struct Metric {
    std::string name;
    std::vector<Line> lines;    // by deployment, labels
  };
  std::vector<Metric> metrics;  // one a name asked for, in that order
  Timestamp from;               // older points were not looked for
  Stats stats;
  std::optional<ByteBudget::Lease> lease;
};

}  // namespace penstock::query
