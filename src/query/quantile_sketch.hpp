// Quantiles of many values in bounded memory: exact up to kExact values, then a DDSketch (Masson, Rim, Lee: "DDSketch",
// VLDB 2019) with a relative error of at most 1 % of the value, as long as the values of one sign span no more than
// kMaxBins bins (about 17 orders of magnitude); past that the bins nearest to zero are joined.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace penstock::query {

class QuantileSketch {
 public:
  static constexpr std::size_t kExact = 64;
  static constexpr std::size_t kMaxBins = 2048;

  void add(double value);  // finite
  std::uint64_t count() const { return count_; }
  // q in 0 … 1; between neighbouring values linearly while exact. count() > 0.
  double quantile(double q) const;
  // Of the heap; grows only in add().
  std::size_t memory_bytes() const;

 private:
  using Bins = std::map<std::int32_t, std::uint64_t>;
  struct Sketch {
    Bins positive, negative;  // by index of the magnitude's bin
    std::uint64_t zeros = 0;
  };

  void add_to_sketch(double value);

  std::uint64_t count_ = 0;
  std::vector<double> exact_;
  std::unique_ptr<Sketch> sketch_;
};

}  // namespace penstock::query
