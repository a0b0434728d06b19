#include "query/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <limits>

namespace penstock::query {
namespace {

constexpr double kAccuracy = 0.01;
constexpr double kGamma = (1 + kAccuracy) / (1 - kAccuracy);
constexpr double kSmallest = 1e-300;  // nearer to zero is zero
constexpr std::size_t kNodeBytes = 64;

std::int32_t bin_of(double magnitude) {
  return static_cast<std::int32_t>(std::ceil(std::log(magnitude) / std::log(kGamma)));
}
// The middle of a bin; that of the topmost one lies past what a double holds.
double value_of(std::int32_t bin) {
  return std::min(std::pow(kGamma, bin - 1) * (2 * kGamma / (kGamma + 1)), std::numeric_limits<double>::max());
}

}  // namespace

void QuantileSketch::add(double value) {
  ++count_;
  if (sketch_) return add_to_sketch(value);
  if (exact_.size() < kExact) {
    exact_.push_back(value);
    return;
  }
  sketch_ = std::make_unique<Sketch>();
  for (const double known : exact_) add_to_sketch(known);
  exact_ = {};
  add_to_sketch(value);
}

void QuantileSketch::add_to_sketch(double value) {
  const double magnitude = std::abs(value);
  if (magnitude < kSmallest) {
    ++sketch_->zeros;
    return;
  }
  Bins& bins = value > 0 ? sketch_->positive : sketch_->negative;
  ++bins[bin_of(magnitude)];
  if (bins.size() > kMaxBins) {
    const auto lowest = bins.begin();
    std::next(lowest)->second += lowest->second;
    bins.erase(lowest);
  }
}

double QuantileSketch::quantile(double q) const {
  const double rank = q * static_cast<double>(count_ - 1);
  if (!sketch_) {
    auto sorted = exact_;
    std::sort(sorted.begin(), sorted.end());
    const auto below = static_cast<std::size_t>(rank);
    const auto above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (sorted[above] - sorted[below]) * (rank - static_cast<double>(below));
  }
  const auto wanted = static_cast<std::uint64_t>(std::llround(rank));
  std::uint64_t passed = 0;
  for (auto bin = sketch_->negative.rbegin(); bin != sketch_->negative.rend(); ++bin) {
    passed += bin->second;
    if (passed > wanted) return -value_of(bin->first);
  }
  passed += sketch_->zeros;
  if (passed > wanted) return 0;
  double value = 0;
  for (const auto& [bin, count] : sketch_->positive) {
    value = value_of(bin);
    passed += count;
    if (passed > wanted) break;
  }
  return value;
}

std::size_t QuantileSketch::memory_bytes() const {
  std::size_t size = exact_.capacity() * sizeof(double);
  if (sketch_) size += sizeof(Sketch) + (sketch_->positive.size() + sketch_->negative.size()) * kNodeBytes;
  return size;
}

}  // namespace penstock::query
