// Sums and quantiles of many numbers.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "query/compensated_sum.hpp"
#include "query/quantile_sketch.hpp"

namespace penstock::query::test {
namespace {

TEST(CompensatedSum, KeepsWhatPlainAdditionLoses) {
  CompensatedSum sum;
  for (const double value : {1.0, 1e100, 1.0, -1e100}) sum.add(value);
  EXPECT_EQ(sum.value(), 2);
  CompensatedSum huge;
  for (const double value : {1e308, 1e308, 1e308, 4.0}) huge.add(value);
  EXPECT_DOUBLE_EQ(huge.divided_by(4), 0.75e308);
  EXPECT_TRUE(std::isinf(huge.value()));
}

TEST(QuantileSketch, IsExactForFewAndWithinOnePercentOfItsDefinitionForAnyDistribution) {
  std::mt19937_64 random(5);
  std::lognormal_distribution<double> usual(3, 2), heavy(0, 40);
  std::cauchy_distribution<double> cauchy;
  std::uniform_real_distribution<double> exponent(-300, 300);
  const std::vector<std::function<double()>> distributions = {
      [&] { return usual(random); }, [&] { return heavy(random); }, [&] { return cauchy(random); },
      [&] { return std::pow(10.0, exponent(random)); }, [&] { return 7.5; }, [&] { return random() % 3 == 0 ? -usual(random) : 0.0; },
      [&] { return static_cast<double>(random() % 4); }, [&] { return 1e9 + static_cast<double>(random() % 100); },
      [&] { return random() % 100 == 0 ? 1e12 : usual(random); }};
  for (std::size_t d = 0; d < distributions.size(); ++d) {
    for (const std::size_t count : {1u, 2u, 64u, 65u, 200u, 20'000u}) {
      QuantileSketch sketch;
      std::vector<double> values;
      for (std::size_t i = 0; i < count; ++i) {
        values.push_back(distributions[d]());
        sketch.add(values.back());
      }
      std::sort(values.begin(), values.end());
      double before = values.front();
      for (const double q : {0.0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
        const double rank = q * static_cast<double>(count - 1);
        const double low = values[static_cast<std::size_t>(std::floor(rank))], high = values[static_cast<std::size_t>(std::ceil(rank))];
        const double part = rank - std::floor(rank), exact = std::lerp(low, high, part);
        const double slack = count <= 64 ? 1e-12 * std::abs(exact) : 0.01 * std::lerp(std::abs(low), std::abs(high), part);
        const double got = sketch.quantile(q);
        EXPECT_NEAR(got, exact, slack) << q << " of " << count << " of distribution " << d;
        EXPECT_GE(got, before) << q << " of " << count << " of distribution " << d;
        EXPECT_LE(got, values.back());
        before = got;
      }
    }
  }
}

TEST(QuantileSketch, StaysBounded) {
  QuantileSketch sketch;
  for (int e = -300; e < 300; ++e) {
    for (int m = 1; m < 100; ++m) sketch.add(m * std::pow(10.0, e));
  }
  const std::size_t held = sketch.memory_bytes();
  EXPECT_LE(held, QuantileSketch::kMaxBins * 32);
  for (int i = 0; i < 100'000; ++i) sketch.add(i);
  EXPECT_LE(sketch.memory_bytes(), held * 2);
  sketch.add(std::numeric_limits<double>::max());
  sketch.add(std::numeric_limits<double>::lowest());
  EXPECT_EQ(sketch.quantile(1.0), std::numeric_limits<double>::max());
  EXPECT_EQ(sketch.quantile(0.0), std::numeric_limits<double>::lowest());
}

}  // namespace
}  // namespace penstock::query::test
