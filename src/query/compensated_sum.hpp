// A sum that hardly depends on the order of what is added: Neumaier's (Kahan's with the larger one's rounding kept too).
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace penstock::query {

// Past about 2^1000 it goes on in a scale of its own, so that the average of values near the largest double is right.
class CompensatedSum {
 public:
  void add(double value) {
    if (scaled_) {
      value *= kScale;
    } else if (std::abs(value) > kLarge || std::abs(sum_) > kLarge) {
      scaled_ = true;
      sum_ *= kScale;
      lost_ *= kScale;
      value *= kScale;
    }
    const double next = sum_ + value;
    lost_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  // Infinite when it is more than a double holds.
  double value() const { return scaled_ ? (sum_ + lost_) / kScale : sum_ + lost_; }
  // Of equal values it is that value; of finite ones it is finite.
  double divided_by(double count) const {
    double quotient = sum_ / count;
    quotient += (std::fma(-quotient, count, sum_) + lost_) / count;
    constexpr double kMost = std::numeric_limits<double>::max();
    return scaled_ ? std::clamp(quotient / kScale, -kMost, kMost) : quotient;
  }

 private:
  static constexpr double kLarge = 0x1p1000, kScale = 0x1p-100;

  double sum_ = 0, lost_ = 0;
  bool scaled_ = false;
};

}  // namespace penstock::query
