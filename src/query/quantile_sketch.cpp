#include "query/quantile_sketch.hpp"

#include <algorithm>
#include <cmath>

namespace penstock::query {
namespace {

// The greatest value of a bin is at most 0.99 % above its least.
const double kPerLog = 1 / std::log(1.0099);
constexpr std::int32_t kMiddle = 100'000;  // more than the logarithm of any double gives

std::int32_t bin_of(double value) {
  if (value == 0) return 0;
  const auto index = static_cast<std::int32_t>(std::floor(std::log(std::abs(value)) * kPerLog)) + kMiddle;
  return value > 0 ? index : -index;
}

}  // namespace

void QuantileSketch::add(double value) {
  ++count_;
  if (fresh_.size() == kExact) gather();
  fresh_.push_back(value);
}

// Merges the fresh values into the bins.
void QuantileSketch::gather() {
  std::sort(fresh_.begin(), fresh_.end());
  std::vector<Bin> merged;
  merged.reserve(bins_.size() + 8);
  auto bin = bins_.begin();
  for (const double value : fresh_) {
    const std::int32_t key = bin_of(value);
    while (bin != bins_.end() && bin->key <= key) merged.push_back(*bin++);
    if (merged.empty() || merged.back().key != key) merged.push_back({key, value, value, 0});
    Bin& into = merged.back();
    into.least = std::min(into.least, value);
    into.greatest = std::max(into.greatest, value);
    ++into.count;
  }
  merged.insert(merged.end(), bin, bins_.end());
  bins_ = std::move(merged);
  fresh_.clear();
}

double QuantileSketch::value_at(std::uint64_t place) const {
  for (const Bin& bin : bins_) {
    if (place >= bin.count) {
      place -= bin.count;
      continue;
    }
    if (bin.count == 1) return bin.least;
    return std::lerp(bin.least, bin.greatest, static_cast<double>(place) / static_cast<double>(bin.count - 1));
  }
  return bins_.back().greatest;
}

double QuantileSketch::quantile(double q) {
  const double rank = q * static_cast<double>(count_ - 1);
  const auto below = static_cast<std::uint64_t>(rank);
  const auto above = std::min(below + 1, count_ - 1);
  const double part = rank - static_cast<double>(below);
  if (bins_.empty()) {
    std::sort(fresh_.begin(), fresh_.end());
    return std::lerp(fresh_[below], fresh_[above], part);
  }
  if (!fresh_.empty()) gather();
  return std::lerp(value_at(below), value_at(above), part);
}

std::size_t QuantileSketch::memory_bytes() const {
  return fresh_.capacity() * sizeof(double) + bins_.capacity() * sizeof(Bin);
}

}  // namespace penstock::query
