#include "query/number_summary.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace penstock::query {
namespace {

struct Numbers {
  ByteBudget budget{16u << 20};
  ByteBudget::Lease lease = *budget.take(0);
  NumberSummary summary{lease};
  std::vector<double> all;

  void add(double value) {
    ASSERT_TRUE(summary.add(FieldValue::of(value)));
    all.push_back(value);
  }
};

// Each range counts what a comparison finds, all of them count everything, and neighbours meet.
void expect_exact(Numbers& numbers, std::size_t most) {
  const auto found = numbers.summary.summary();
  ASSERT_TRUE(found);
  EXPECT_LE(found->ranges.size(), most);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < found->ranges.size(); ++i) {
    const auto& range = found->ranges[i];
    const auto inside = std::count_if(numbers.all.begin(), numbers.all.end(), [&](double value) { return value >= range.from && (!range.to || value < *range.to); });
    EXPECT_EQ(static_cast<std::uint64_t>(inside), range.count) << range.from << " to " << range.to.value_or(NAN);
    if (i > 0) {
      EXPECT_EQ(*found->ranges[i - 1].to, range.from);
    }
    sum += range.count;
  }
  EXPECT_EQ(sum, numbers.all.size());
}

TEST(NumberSummary, RangesOfManyDifferentNumbersAreCountedExactly) {
  std::mt19937 random(7);
  for (const auto& [low, high] : std::vector<std::pair<double, double>>{{0, 1}, {0, 997}, {-40, 60}, {200, 599}, {0.001, 0.0095}, {-5e9, -1e8}}) {
    Numbers numbers;
    std::uniform_real_distribution<double> spread(low, high);
    for (int i = 0; i < 30'000; ++i) numbers.add(spread(random));
    expect_exact(numbers, 13);
    EXPECT_GE(numbers.summary.summary()->ranges.size(), 4u) << low << " to " << high;
  }
}

TEST(NumberSummary, AHeavyTailGetsRangesThatGrow) {
  std::mt19937 random(7);
  Numbers numbers;
  std::lognormal_distribution<double> latency(3, 1.6);
  for (int i = 0; i < 30'000; ++i) numbers.add(latency(random));
  expect_exact(numbers, 16);
  const auto found = numbers.summary.summary();
  EXPECT_GE(found->ranges.size(), 4u);
  for (const auto& range : found->ranges) EXPECT_LT(range.count, 20'000u) << "no range holds nearly all";
}

TEST(NumberSummary, WholeNumbersOnTheBoundsFallIntoTheRangeThatBeginsThere) {
  Numbers numbers;
  for (int i = 0; i <= 100; ++i) numbers.add(i);
  expect_exact(numbers, 13);
  Numbers tenths;
  for (int i = 0; i < 20'000; ++i) tenths.add(i / 10.0 / 1000);
  expect_exact(tenths, 13);
}

TEST(NumberSummary, PercentilesLieWithinOnePercentAndBetweenTheEnds) {
  Numbers numbers;
  for (int i = 1; i <= 10'000; ++i) numbers.add(i);
  const auto found = numbers.summary.summary();
  EXPECT_EQ(found->count, 10'000u);
  EXPECT_EQ(found->min, 1);
  EXPECT_EQ(found->max, 10'000);
  EXPECT_NEAR(found->avg, 5000.5, 0.01);
  EXPECT_NEAR(found->p50, 5000, 60);
  EXPECT_NEAR(found->p99, 9900, 110);
  Numbers same;
  for (int i = 0; i < 1000; ++i) same.add(7);
  EXPECT_EQ(same.summary.summary()->p99, 7);
  ASSERT_EQ(same.summary.summary()->ranges.size(), 1u);
  EXPECT_EQ(same.summary.summary()->ranges[0].count, 1000u);
}

TEST(NumberSummary, OddNumbersDoNotBreakIt) {
  Numbers numbers;
  for (const double value : {0.0, -0.0, 1e308, -1e308, 5e-324, 1.0}) numbers.add(value);
  ASSERT_TRUE(numbers.summary.add(FieldValue::of(NAN)));
  ASSERT_TRUE(numbers.summary.add(FieldValue::of(std::string_view("12"))));
  ASSERT_TRUE(numbers.summary.add(FieldValue::of(true)));
  EXPECT_EQ(numbers.summary.summary()->count, 6u);
  Numbers far;
  for (int i = 0; i < 20'000; ++i) far.add(1.79e12 + i);
  expect_exact(far, 13);
  Numbers tiny;
  for (const double value : {5e-324, 1e-300, 1e300}) tiny.add(value);
  expect_exact(tiny, 1000);
  Numbers none;
  EXPECT_FALSE(none.summary.summary());
}

TEST(NumberSummary, WhatItKeepsIsBoundedAndCharged) {
  std::mt19937_64 random(7);
  Numbers numbers;
  std::uniform_real_distribution<double> exponent(-30, 30);
  for (int i = 0; i < 200'000; ++i) numbers.add(std::pow(10.0, exponent(random)));
  EXPECT_GT(numbers.lease.size(), 0u);
  EXPECT_LT(numbers.lease.size(), 1u << 20);
}

}  // namespace
}  // namespace penstock::query
