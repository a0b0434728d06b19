// A histogram with fixed bounds.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "penstock/ports/metrics.hpp"

namespace penstock::metrics {

// Any thread; one relaxed add a bucket, one for the sum.
class BucketHistogram final : public Histogram {
 public:
  // Upper bounds in seconds, inclusive; what is above the last counts in +Inf only.
  static constexpr std::array<double, 16> kBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,   0.5,   1,      2.5,   5,    10,    30,   60};

  struct Snapshot {
    std::array<std::uint64_t, kBounds.size() + 1> cumulative{};  // the last one is +Inf, the count
    double sum = 0;
    std::uint64_t count() const { return cumulative.back(); }
  };

  // NaN is not counted.
  void observe(double value) override;
  Snapshot snapshot() const;

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> counts_{};
  std::atomic<double> sum_{0};
};

// The p-quantile (0 … 1), linear within its bucket; the last bound for what lies above it. 0 when empty.
double quantile(const BucketHistogram::Snapshot& snapshot, double p);

}  // namespace penstock::metrics
