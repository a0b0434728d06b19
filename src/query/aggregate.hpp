// What becomes of the samples of one step of time: first within each series, then across the series of a group.
//
// | agg   | within a series | across the series of a group |
// |-------|-----------------|------------------------------|
// | avg   | average         | average of the series        |
// | sum   | average         | sum of the series            |
// | rate  | rate            | sum of the series            |
// | min, max, count, last, pNN | all samples of the group are one pool | |
//
// So three hosts with 100 each have the sum 300 at every step, however often they send: in a line of several series a
// gauge keeps its value over steps in which it has no sample, as long as that is what it usually does. Another function within the
// series may be asked for: its values, one a series, are what `agg` is then taken of (count: how many series have one).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "penstock/core/result.hpp"

namespace penstock::query {

// pNN: linear between the two neighbouring values, exact for few samples, else within 1 % of them (quantile_sketch.hpp).
enum class Aggregate { avg, min, max, sum, count, last, rate, p50, p90, p95, p99 };

// rate: per second, the increase of a counter from one sample to the next (a smaller value is a reset: it counts from
// 0), spread evenly over the time between the two, also over steps in which no sample lies.
enum class Within { avg, min, max, sum, count, last, rate };

std::optional<Aggregate> parse_aggregate(std::string_view text);
std::string_view aggregate_name(Aggregate aggregate);
std::string aggregate_names();  // all, with blanks between
std::optional<Within> parse_within(std::string_view text);

// How one aggregate is worked out.
struct AggregatePlan {
  Aggregate across = Aggregate::avg;  // never rate; count is of series when `within` is there
  std::optional<Within> within = {};  // absent: over all samples of the group

  // `within` as it was asked for, if it was. invalid_request where the two do not go together.
  static Result<AggregatePlan> of(Aggregate aggregate, std::optional<Within> within);
};

// 0.5 for p50 …; nullopt for what is no percentile.
std::optional<double> quantile_of(Aggregate aggregate);

}  // namespace penstock::query
