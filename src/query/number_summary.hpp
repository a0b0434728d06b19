// What the numbers of a field are like: between what they lie, their percentiles, and how many fall into each of a few
// round ranges. A list of most frequent values tells nothing of numbers that hardly come twice.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "penstock/core/record.hpp"
#include "penstock/core/result.hpp"
#include "query/log_query.hpp"
#include "query/quantile_sketch.hpp"
#include "query/query_run.hpp"

namespace penstock::query {

// Up to kMostKept different numbers are kept as they are; past that their leading three digits, then two, cut downwards.
// The ranges begin at numbers of at most two digits, so that each is counted exactly all the same; only where all numbers
// lie far from 0 are the ranges as coarse as what is kept. Percentiles are QuantileSketch's. Charged to the lease.
class NumberSummary {
 public:
  static constexpr std::size_t kMostKept = 4096;

  explicit NumberSummary(ByteBudget::Lease& lease) : lease_(lease) {}

  // Integers and reals; what is no number, or not finite, is left alone.
  Result<void> add(const FieldValue& value);
  // nullopt when there was no number.
  std::optional<Facets::Numbers> summary();

 private:
  Result<void> add(double value);
  Result<void> keep(double value);
  void coarsen();

  ByteBudget::Lease& lease_;
  QuantileSketch sketch_;
  std::unordered_map<double, std::uint64_t> kept_;
  int digits_ = 0;  // of what is kept; 0: all
  double min_ = 0, max_ = 0, mean_ = 0;
  std::uint64_t count_ = 0;
};

// `value` cut to its first `digits` digits, towards minus infinity.
double cut_to_digits(double value, int digits);

}  // namespace penstock::query
