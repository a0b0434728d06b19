#include "query/number_summary.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "query/chunk_walk.hpp"

namespace penstock::query {
namespace {

constexpr std::size_t kKeptBytes = 48;    // of the table, a number
constexpr double kMostRanges = 8;         // of equal width, about
constexpr std::size_t kMostPowers = 10;   // of growing width
constexpr double kHeavyTail = 50;         // the largest, in medians, from which on ranges grow

// The double nearest to the decimal that is meant: 3 * 0.1 is 0.30000000000000004.
double tidy(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", value);
  return std::strtod(text, nullptr);
}

int exponent_of(double magnitude) { return static_cast<int>(std::floor(std::log10(magnitude) + 1e-12)); }

// The largest of 1, 2 and 5 times a power of ten that is not above `value` > 0.
double round_below(double value) {
  const double power = std::pow(10.0, exponent_of(value));
  for (const double factor : {5.0, 2.0}) {
    if (tidy(factor * power) <= value) return tidy(factor * power);
  }
  return tidy(power);
}

double next_round(double value) {
  const double power = std::pow(10.0, exponent_of(value));
  const double lead = value / power;
  return tidy(power * (lead < 1.5 ? 2 : lead < 3 ? 5 : 10));
}

// Where ranges of equal, round width begin, from below `min` to above `max`. Not finer than `least`.
std::vector<double> even_bounds(double min, double max, double least) {
  const double raw = std::max((max - min) / kMostRanges, least);
  double width = round_below(raw);
  if (width < raw * (1 - 1e-9)) width = next_round(width);
  std::vector<double> bounds;
  const double first = std::floor(min / width);
  for (double i = first; bounds.empty() || bounds.back() <= max; i += 1) {
    const double bound = tidy(i * width);
    if (!bounds.empty() && bound <= bounds.back()) break;  // past what a double tells apart
    bounds.push_back(bound);
  }
  return bounds;
}

// Where ranges that grow begin, for numbers that are not negative: 0, then 1, 2, 5, 10 and so on about the median and
// above, or powers of ten alone when those are too many.
std::vector<double> growing_bounds(double min, double max, double median) {
  const double low = round_below(std::max(min > 0 ? min : median / 100, median / 100));
  std::vector<double> bounds;
  if (min < low) bounds.push_back(0);
  bounds.push_back(low);
  while (bounds.back() <= max && std::isfinite(bounds.back())) bounds.push_back(next_round(bounds.back()));
  if (bounds.size() <= kMostPowers) return bounds;
  std::vector<double> powers;
  for (const double bound : bounds) {
    const bool power = bound == 0 || tidy(std::pow(10.0, exponent_of(bound))) == bound;
    if (power || bound == bounds.back() || powers.empty()) powers.push_back(bound);
  }
  while (powers.size() > 2 * kMostPowers) {
    for (std::size_t i = 1; i + 1 < powers.size(); ++i) powers.erase(powers.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return powers;
}

}  // namespace

double cut_to_digits(double value, int digits) {
  if (value == 0 || digits == 0) return value;
  const int places = digits - 1 - exponent_of(std::abs(value));
  const double scale = std::pow(10.0, std::abs(places));
  if (!std::isfinite(scale)) return value;
  const double shifted = places >= 0 ? value * scale : value / scale;
  const double whole = std::floor(shifted + 1e-9);
  return tidy(places >= 0 ? whole / scale : whole * scale);
}

Result<void> NumberSummary::add(const FieldValue& value) {
  if (value.type == FieldType::integer) return add(static_cast<double>(value.integer));
  if (value.type == FieldType::real && std::isfinite(value.real)) return add(value.real);
  return {};
}

Result<void> NumberSummary::add(double value) {
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = count_ == 0 ? value : std::max(max_, value);
  ++count_;
  mean_ += value / static_cast<double>(count_) - mean_ / static_cast<double>(count_);
  const std::size_t before = sketch_.memory_bytes();
  sketch_.add(value);
  const std::size_t after = sketch_.memory_bytes();
  if (after > before && !lease_.grow(after - before)) return memory_error();
  if (after < before) lease_.shrink(before - after);
  return keep(value);
}

Result<void> NumberSummary::keep(double value) {
  const double kept = cut_to_digits(value, digits_);
  const auto found = kept_.find(kept);
  if (found != kept_.end()) {
    ++found->second;
    return {};
  }
  if (kept_.size() >= kMostKept && digits_ != 2) {
    coarsen();
    return keep(value);
  }
  if (!lease_.grow(kKeptBytes)) return memory_error();
  kept_.emplace(kept, 1);
  return {};
}

void NumberSummary::coarsen() {
  digits_ = digits_ == 0 ? 3 : 2;
  std::unordered_map<double, std::uint64_t> coarse;
  for (const auto& [value, count] : kept_) coarse[cut_to_digits(value, digits_)] += count;
  lease_.shrink((kept_.size() - coarse.size()) * kKeptBytes);
  kept_ = std::move(coarse);
}

std::optional<Facets::Numbers> NumberSummary::summary() {
  if (count_ == 0) return std::nullopt;
  Facets::Numbers out;
  out.count = count_;
  out.min = min_;
  out.max = max_;
  out.avg = std::clamp(mean_, min_, max_);
  out.p50 = sketch_.quantile(0.50);
  out.p90 = sketch_.quantile(0.90);
  out.p95 = sketch_.quantile(0.95);
  out.p99 = sketch_.quantile(0.99);
  const double largest = std::max(std::abs(min_), std::abs(max_));
  // What is kept tells numbers apart down to here.
  const double least = digits_ == 0 || largest == 0 ? 0 : std::pow(10.0, exponent_of(largest) - digits_ + 1);
  std::vector<double> bounds;
  if (min_ == max_) {
    bounds = {min_};
  } else if (min_ >= 0 && out.p50 > 0 && max_ / out.p50 >= kHeavyTail) {
    bounds = growing_bounds(min_, max_, out.p50);
  } else if (std::isfinite(max_ - min_)) {
    bounds = even_bounds(min_, max_, least);
  }
  if (bounds.empty()) return out;
  std::vector<std::uint64_t> counts(bounds.size());
  for (const auto& [value, count] : kept_) {
    const auto above = std::upper_bound(bounds.begin(), bounds.end(), value);
    counts[above == bounds.begin() ? 0 : static_cast<std::size_t>(above - bounds.begin()) - 1] += count;
  }
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const bool last = i + 1 == bounds.size();
    if (last && counts[i] == 0) break;
    out.ranges.push_back({bounds[i], last ? std::nullopt : std::optional<double>(bounds[i + 1]), counts[i]});
  }
  while (!out.ranges.empty() && out.ranges.front().count == 0) out.ranges.erase(out.ranges.begin());
  while (!out.ranges.empty() && out.ranges.back().count == 0) out.ranges.pop_back();
  return out;
}

}  // namespace penstock::query
