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
#include "query/stats.hpp"

namespace penstock::query {

inline constexpr std::uint32_t kMaxPoints = 11'000;  // points a series in one answer

// Which series. All conditions must hold.
struct SeriesQuery {
  std::vector<std::string> deployments = {};  // empty: all that the scope allows
  std::vector<std::string> names = {};        // exact; empty: all
  std::vector<std::pair<std::string, std::string>> labels = {};  // `source` is a label
  std::size_t limit = 10'000;            // series in the answer of series()
};

struct MetricInfo {
  std::string name;
  std::string unit;                 // as far as the name tells ("" otherwise)
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

// Over the samples of one step: avg min max sum count last as the words say, over all samples of the group. rate: per
// second, the increase of a counter between neighbouring samples of a series (a smaller value is a reset: it counts
// from 0), summed over the group's series. pNN: quantiles, exact up to 64 samples a step, else a DDSketch (Masson, Rim,
// Lee, VLDB 2019) within 1 %.
enum class Aggregate { avg, min, max, sum, count, last, rate, p50, p90, p95, p99 };
std::optional<Aggregate> parse_aggregate(std::string_view text);
std::string_view aggregate_name(Aggregate aggregate);

struct RangeQuery {
  std::vector<std::string> deployments = {};
  std::string name = {};
  std::vector<std::pair<std::string, std::string>> labels = {};
  Timestamp from = {}, to = {};        // [from, to)
  std::int64_t step_ns = 0;  // 0: about 300 points, on a round step. Buckets lie on multiples of the step
  Aggregate aggregate = Aggregate::avg;
  // Absent: one series a stored series. Else one a distinct tuple of these labels ("deployment" may be one); empty: one
  // in all.
  std::optional<std::vector<std::string>> by = {};
  // Absent: to. Buckets from here on are in the answer only as far as there are samples.
  std::optional<Timestamp> full_to = {};
};

struct RangeResult {
  struct Line {
    std::optional<std::string> deployment;     // when all its samples are of one by construction
    Labels labels;
    std::vector<std::optional<double>> values;  // one a bucket; nullopt: no sample
  };
  std::string name;
  Aggregate aggregate = Aggregate::avg;
  Timestamp from, to;         // aligned: the first bucket's start, the last one's end
  std::int64_t step_ns = 0;
  std::vector<Line> series;   // by deployment, labels
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
