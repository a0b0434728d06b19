#include "metrics/bucket_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::metrics {

void BucketHistogram::observe(double value) {
  if (std::isnan(value)) return;
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), value);
  counts_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

BucketHistogram::Snapshot BucketHistogram::snapshot() const {
  Snapshot snapshot;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    so_far += counts_[i].load(std::memory_order_relaxed);
    snapshot.cumulative[i] = so_far;
  }
  snapshot.sum = sum_.load(std::memory_order_relaxed);
  return snapshot;
}

double quantile(const BucketHistogram::Snapshot& snapshot, double p) {
  const auto& bounds = BucketHistogram::kBounds;
  if (snapshot.count() == 0) return 0;
  const double rank = std::clamp(p, 0.0, 1.0) * static_cast<double>(snapshot.count());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (static_cast<double>(snapshot.cumulative[i]) < rank || snapshot.cumulative[i] == 0) continue;
    const double low = i == 0 ? 0 : bounds[i - 1];
    const auto below = static_cast<double>(i == 0 ? 0 : snapshot.cumulative[i - 1]);
    const double inside = static_cast<double>(snapshot.cumulative[i]) - below;
    return inside <= 0 ? bounds[i] : low + (bounds[i] - low) * (rank - below) / inside;
  }
  return bounds.back();
}

}  // namespace penstock::metrics
