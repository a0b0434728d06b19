// Quantiles of many values in bounded memory. One definition: with the n values in order, quantile q lies at place
// q * (n - 1), linearly between its two neighbours. Exact while there are at most kExact values. Past that each
// neighbour is told within 1 % of itself, whatever the distribution: values are gathered in bins of equal ratio, after
// DDSketch (Masson, Rim, Lee: "DDSketch", VLDB 2019), but none are joined, and a bin keeps its least and its greatest
// value, so that quantiles never leave the range of the values, and of equal values are that value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace penstock::query {

class QuantileSketch {
 public:
  static constexpr std::size_t kExact = 64;
  // All doubles lie in so many bins; 1 ms … 1 h in 1,550.
  static constexpr std::size_t kMaxBins = 300'000;

  void add(double value);  // finite
  std::uint64_t count() const { return count_; }
  // q in 0 … 1. count() > 0.
  double quantile(double q);
  // Of the heap; changes only in add() and quantile().
  std::size_t memory_bytes() const;

 private:
  struct Bin {
    std::int32_t key = 0;  // ascending with the values
    double least = 0, greatest = 0;
    std::uint64_t count = 0;
  };

  void gather();
  double value_at(std::uint64_t place) const;

  std::uint64_t count_ = 0;
  std::vector<double> fresh_;  // not in a bin yet
  std::vector<Bin> bins_;      // by key
};

}  // namespace penstock::query
