// What becomes of the samples of one step of time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace penstock::query {

// Over the samples of one step: avg min max sum count last as the words say, over all samples of the group. rate: per
// second, the increase of a counter between neighbouring samples of a series (a smaller value is a reset: it counts
// from 0), summed over the group's series. pNN: quantiles, exact up to 64 samples a step, else a DDSketch (Masson, Rim,
// Lee, VLDB 2019) within 1 %.
enum class Aggregate { avg, min, max, sum, count, last, rate, p50, p90, p95, p99 };

std::optional<Aggregate> parse_aggregate(std::string_view text);
std::string_view aggregate_name(Aggregate aggregate);
std::string aggregate_names();  // all, with blanks between

}  // namespace penstock::query
