// Metrics by steps of time: totals, rates, scopes, limits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "metric_world.hpp"

namespace penstock::query::test {
namespace {

constexpr std::int64_t kTenMinutes = 10 * kMinute;

TEST(MetricRange, ATotalOfSeriesDoesNotDependOnTheStepOrOnHowOftenEachSends) {
  MetricWorld world;
  std::vector<Sample> samples;
  const std::int64_t start = step_start(kNow.ns, kHour) - 2 * kHour;
  for (int host = 0; host < 3; ++host) {
    const auto ram = make_series("ram", "h" + std::to_string(host));
    for (std::int64_t t = 0; t < kHour; t += (host + 1) * 10 * kSecond) samples.push_back({ram, start + t, 100});
  }
  world.ingest_samples(samples);
  for (const std::int64_t step : {kMinute, 10 * kMinute, kHour}) {
    RangeQuery query{{}, "ram", {}, Timestamp{start}, Timestamp{start + kHour}, step, {Aggregate::sum, Aggregate::avg, Aggregate::count},
                     std::vector<std::string>{}};
    const auto got = world.engine.range(Scope::everything(), query, world.go);
    ASSERT_EQ(got->series.size(), 1u);
    for (const auto& value : got->series[0].by_aggregate[0]) EXPECT_EQ(value, 300);
    for (const auto& value : got->series[0].by_aggregate[1]) EXPECT_EQ(value, 100);
    query.aggregates = {Aggregate::sum};
    query.within = Within::sum;  // the samples themselves, for those that tell amounts
    const auto amounts = world.engine.range(Scope::everything(), query, world.go);
    double all = 0;
    for (const auto& value : amounts->series[0].values()) all += value.value_or(0);
    EXPECT_EQ(all, static_cast<double>(samples.size()) * 100);
  }
}

// At a step shorter than the time between two samples most steps have one host only; a host that is away is away all the same.
TEST(MetricRange, ATotalAtAShortStepHoldsGaugesButNotOverAnOutage) {
  MetricWorld world;
  const std::int64_t start = step_start(kNow.ns, kHour) - 2 * kHour;
  std::vector<Sample> samples;
  for (int host = 0; host < 3; ++host) {
    const auto ram = make_series("ram", "h" + std::to_string(host));
    for (std::int64_t t = host * 20 * kSecond; t < kHour; t += kMinute) {
      const bool away = host == 1 && t >= 20 * kMinute && t < 30 * kMinute;
      const bool lost = host == 2 && t / kMinute == 45;
      if (!away && !lost) samples.push_back({ram, start + t, 100});
    }
  }
  world.ingest_samples(samples);
  RangeQuery query{{}, "ram", {}, Timestamp{start}, Timestamp{start + kHour}, 10 * kSecond, {Aggregate::sum}, std::vector<std::string>{}};
  const auto values = world.engine.range(Scope::everything(), query, world.go)->series.at(0).values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool away = i > 19 * 6 + 2 && i < 30 * 6 + 2;
    EXPECT_EQ(values[i], away ? 200 : 300) << i;
  }
  query.by.reset();
  const auto own = world.engine.range(Scope::everything(), query, world.go)->series.at(0).values();
  EXPECT_EQ(std::count_if(own.begin(), own.end(), [](const auto& v) { return v.has_value(); }), 60) << "a line of one series shows its samples";
}

// A job that adds 60 once in 20 minutes has a rate of 0.05 a second at every step, also where no sample lies.
TEST(MetricRange, TheRateOfASparseCounterIsTheSameAtEveryStep) {
  MetricWorld world;
  const std::int64_t start = step_start(kNow.ns, kHour) - 3 * kHour;
  std::vector<Sample> samples;
  const auto jobs = make_series("jobs", "a");
  for (int i = 0; i < 9; ++i) samples.push_back({jobs, start - 13 * kMinute + i * 20 * kMinute, 1000.0 + 60 * i});
  world.ingest_samples(samples);
  world.flush_samples();
  for (const std::int64_t step : {kMinute, 7 * kMinute, 20 * kMinute, kHour}) {
    const RangeQuery query{{}, "jobs", {}, Timestamp{start}, Timestamp{start + 2 * kHour}, step, {Aggregate::rate}, std::nullopt};
    const auto got = world.engine.range(Scope::everything(), query, world.go);
    ASSERT_EQ(got->series.size(), 1u);
    for (const auto& value : got->series[0].values()) {
      ASSERT_TRUE(value.has_value()) << step;
      EXPECT_NEAR(*value, 0.05, 1e-12);
    }
  }
}

TEST(MetricRange, SumsAgreeToTheLastDigitFreshStoredAndInWhateverOrder) {
  std::mt19937_64 random(3);
  std::lognormal_distribution<double> draw(0, 12);
  std::vector<Sample> samples;
  for (int i = 0; i < 2000; ++i) {
    samples.push_back({make_series("x", "h" + std::to_string(i % 7)), kNow.ns - kHour + i * kSecond, (i % 2 == 0 ? 1 : -1) * draw(random)});
  }
  RangeQuery query{{}, "x", {}, Timestamp{kNow.ns - kDay}, kNow, kDay, {Aggregate::sum, Aggregate::avg}, std::vector<std::string>{}};
  query.within = Within::sum;
  std::optional<std::vector<std::vector<std::optional<double>>>> first;
  for (int order = 0; order < 4; ++order) {
    MetricWorld world;
    for (std::size_t begin = 0; begin < samples.size(); begin += 500) {
      world.ingest_samples({samples.begin() + static_cast<std::ptrdiff_t>(begin), samples.begin() + static_cast<std::ptrdiff_t>(begin + 500)});
      if (order > 0) world.flush_samples();
    }
    auto got = world.engine.range(Scope::everything(), query, world.go);
    ASSERT_TRUE(got.has_value());
    if (!first) first = got->series.at(0).by_aggregate;
    else EXPECT_EQ(got->series.at(0).by_aggregate, *first) << order;
    std::shuffle(samples.begin(), samples.end(), random);
  }
}

TEST(MetricRange, AveragesOfHugeValuesDoNotOverflow) {
  MetricWorld world;
  constexpr double kHuge = std::numeric_limits<double>::max();
  for (const char* host : {"a", "b", "c"}) {
    for (int i = 0; i < 5; ++i) world.ingest_samples({{make_series("x", host), kNow.ns - i * kSecond - 1, kHuge}});
  }
  for (const bool grouped : {false, true}) {
    RangeQuery query{{}, "x", {}, Timestamp{kNow.ns - kMinute}, kNow, kMinute, {Aggregate::avg, Aggregate::p50}, std::nullopt};
    if (grouped) query.by = std::vector<std::string>{};
    const auto got = world.engine.range(Scope::everything(), query, world.go);
    for (const auto& line : got->series) {
      EXPECT_EQ(line.values().back(), kHuge);
      EXPECT_EQ(line.by_aggregate[1].back(), kHuge);
    }
  }
}

TEST(MetricRange, ARateStaysRightWhenItsSeriesMustBeReadInParts) {
  MetricWorld wide, narrow({.memory_bytes = 640u << 10, .concurrent = 8});  // 80 KiB a query: a few series at a time
  for (auto* world : {&wide, &narrow}) {
    std::vector<Sample> samples;
    for (int s = 0; s < 8; ++s) {
      const auto series = make_series("net", "h" + std::to_string(s));
      for (int i = 0; i < 500; ++i) {
        samples.push_back({series, kNow.ns - kHour + i * 7 * kSecond, static_cast<double>(i % 100 * (s + 1))});
      }
    }
    world->ingest_samples(samples);
    world->flush_samples();
  }
  const RangeQuery query{{}, "net", {}, Timestamp{kNow.ns - kHour}, kNow, kTenMinutes, {Aggregate::rate},
                         std::vector<std::string>{}};
  const auto a = wide.engine.range(Scope::everything(), query, wide.go);
  const auto b = narrow.engine.range(Scope::everything(), query, narrow.go);
  ASSERT_TRUE(a.has_value());
  ASSERT_TRUE(b.has_value()) << b.error().message;
  EXPECT_GT(b->stats.chunks_read, a->stats.chunks_read);
  ASSERT_EQ(a->series.size(), 1u);
  for (std::size_t i = 0; i < a->series[0].values().size(); ++i) {
    ASSERT_EQ(a->series[0].values()[i].has_value(), b->series[0].values()[i].has_value());
    EXPECT_DOUBLE_EQ(a->series[0].values()[i].value_or(0), b->series[0].values()[i].value_or(0));
  }
}

TEST(MetricRange, TooManyPointsAreRefusedWithTheLimit) {
  MetricWorld world;
  RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - 12'000 * kSecond}, kNow, kSecond, {Aggregate::avg}, std::nullopt};
  const auto got = world.engine.range(Scope::everything(), query, world.go);
  EXPECT_EQ(got.error().field, "step");
  EXPECT_NE(got.error().message.find("11000"), std::string::npos);
  query.step_ns = 0;
  EXPECT_LE(world.engine.range(Scope::everything(), query, world.go)->points(), 301u);
  query.name.clear();
  EXPECT_EQ(world.engine.range(Scope::everything(), query, world.go).error().field, "name");
}

TEST(MetricRange, AScopeAndLabelsNarrowIt) {
  MetricWorld world;
  fill(world, 3);
  RangeQuery query{{}, "cpu", {{"source", "a"}, {"core", "a"}}, Timestamp{kNow.ns - 2 * kDay}, kNow, kDay,
                   {Aggregate::count}, std::nullopt};
  auto got = world.engine.range(Scope::of({"bank"}), query, world.go);
  ASSERT_EQ(got->series.size(), 1u);
  EXPECT_EQ(got->series[0].deployment, "bank");
  query.deployments = {"shop"};
  EXPECT_TRUE(world.engine.range(Scope::of({"bank"}), query, world.go)->series.empty());
}

TEST(MetricRange, SeveralAggregatesOfOneQueryAreThoseOfOneEach) {
  MetricWorld world;
  fill(world, 11);
  RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - 2 * kDay}, kNow, kHour, {}, std::vector<std::string>{"source"}};
  for (int a = 0; a <= static_cast<int>(Aggregate::p99); ++a) {
    query.aggregates = {static_cast<Aggregate>(a), Aggregate::min, Aggregate::rate};
    const auto together = world.engine.range(Scope::everything(), query, world.go);
    ASSERT_TRUE(together.has_value()) << together.error().message;
    for (std::size_t i = 0; i < query.aggregates.size(); ++i) {
      RangeQuery alone = query;
      alone.aggregates = {query.aggregates[i]};
      const auto one = world.engine.range(Scope::everything(), alone, world.go);
      ASSERT_EQ(one->series.size(), together->series.size());
      for (std::size_t s = 0; s < one->series.size(); ++s) {
        EXPECT_EQ(one->series[s].values(), together->series[s].by_aggregate[i]) << aggregate_name(alone.aggregates[0]);
      }
    }
  }
}

TEST(MetricRange, TheLargestLinesComeFirstAndTheOthersAreAnEnvelope) {
  MetricWorld world;
  for (int s = 0; s < 9; ++s) {
    // h0 has the highest peak though the least on average; of two steps the second is lower by one.
    const double peak = s == 0 ? 100 : 10 + s;
    world.ingest_samples({{make_series("cpu", "h" + std::to_string(s)), kNow.ns - 90 * kSecond, peak},
                          {make_series("cpu", "h" + std::to_string(s)), kNow.ns - 30 * kSecond, s == 0 ? -99.0 : peak - 1}});
  }
  RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - 2 * kMinute}, kNow, kMinute, {Aggregate::avg}, std::nullopt};
  const auto sources = [&] {
    const auto got = world.engine.range(Scope::everything(), query, world.go);
    EXPECT_TRUE(got.has_value());
    EXPECT_EQ(got->series_total, 9u);
    std::vector<std::string> out;
    for (const auto& line : got->series) out.emplace_back(line.labels.get("source"));
    return out;
  };
  EXPECT_EQ(sources().size(), 9u);
  query.top = 3;
  EXPECT_EQ(sources(), (std::vector<std::string>{"h8", "h7", "h6"}));
  query.rank = Rank::max;
  EXPECT_EQ(sources(), (std::vector<std::string>{"h0", "h8", "h7"}));
  query.rank = Rank::min;
  EXPECT_EQ(sources(), (std::vector<std::string>{"h8", "h7", "h6"}));
  query.rank = Rank::last;
  const auto got = world.engine.range(Scope::everything(), query, world.go);
  EXPECT_EQ(got->series[0].rank, 17);
  ASSERT_TRUE(got->rest.has_value());
  EXPECT_EQ(got->rest->series, 6u);
  EXPECT_EQ(got->rest->min, (RangeResult::Values{11, -99}));
  EXPECT_EQ(got->rest->max, (RangeResult::Values{100, 14}));
  query.top = 9;
  EXPECT_FALSE(world.engine.range(Scope::everything(), query, world.go)->rest.has_value());
}

TEST(MetricRange, TheLastOfSeveralSeriesIsTheSameStoredAndLive) {
  MetricWorld world;
  std::vector<Sample> samples;
  for (int i = 0; i < 9; ++i) samples.push_back({make_series("cpu", "h" + std::to_string(i)), kNow.ns, static_cast<double>(i)});
  world.ingest_samples(samples);
  const RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - kMinute}, Timestamp{kNow.ns + kMinute}, kHour, {Aggregate::last},
                         std::vector<std::string>{}};
  const auto live = world.engine.range(Scope::everything(), query, world.go);
  world.flush_samples();
  const auto stored = world.engine.range(Scope::everything(), query, world.go);
  EXPECT_EQ(live->series.at(0).values(), stored->series.at(0).values());
}

TEST(MetricRange, AnOpenEndReachesAheadOnlyAsFarAsThereAreSamples) {
  MetricWorld world;
  const auto a = make_series("cpu", "a"), b = make_series("cpu", "b");
  world.ingest_samples({{a, kNow.ns - 90 * kSecond, 10}, {a, kNow.ns - 30 * kSecond, 40}, {b, kNow.ns - kMinute, 1}});
  RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - 10 * kMinute}, Timestamp{kNow.ns + 10 * kMinute}, kMinute, {Aggregate::sum},
                   std::nullopt};
  query.full_to = kNow;
  RangeQuery closed = query;
  closed.to = kNow;
  closed.full_to.reset();
  for (const auto aggregate : {Aggregate::sum, Aggregate::rate, Aggregate::last, Aggregate::p50}) {
    query.aggregates = closed.aggregates = {aggregate};
    const auto open_ended = world.engine.range(Scope::everything(), query, world.go);
    const auto ended = world.engine.range(Scope::everything(), closed, world.go);
    EXPECT_EQ(open_ended->to, ended->to) << aggregate_name(aggregate);
    ASSERT_EQ(open_ended->series.size(), ended->series.size());
    EXPECT_EQ(open_ended->series[0].values(), ended->series[0].values()) << aggregate_name(aggregate);
  }
  // A clock four minutes ahead.
  world.ingest_samples({{a, kNow.ns + 4 * kMinute, 70}});
  query.aggregates = {Aggregate::last};
  const auto ahead = world.engine.range(Scope::everything(), query, world.go);
  EXPECT_EQ(ahead->to.ns, step_start(kNow.ns + 4 * kMinute, kMinute) + kMinute);
  for (const auto& line : ahead->series) EXPECT_EQ(line.values().size(), ahead->points());
  EXPECT_EQ(ahead->series[0].values().back(), 70);
  EXPECT_FALSE(ahead->series[1].values().back().has_value());
  query.aggregates = {Aggregate::rate};
  const auto rate = world.engine.range(Scope::everything(), query, world.go);
  EXPECT_DOUBLE_EQ(*rate->series[0].values().back(), 30 / 270.0);
  // Short ranges keep their steps short, and as many points as before are not too many.
  query.from = Timestamp{kNow.ns - 5 * kMinute};
  query.step_ns = 0;
  EXPECT_EQ(world.engine.range(Scope::everything(), query, world.go)->step_ns, kSecond);
  query.from = Timestamp{kNow.ns - 10 * kSecond};
  query.step_ns = kSecond / 20;
  EXPECT_TRUE(world.engine.range(Scope::everything(), query, world.go).has_value());
  query.from = kNow;
  EXPECT_TRUE(world.engine.range(Scope::everything(), query, world.go).has_value());
  query.from = Timestamp{kNow.ns - kHour};
  EXPECT_EQ(world.engine.range(Scope::everything(), query, world.go).error().field, "step");
}

}  // namespace
}  // namespace penstock::query::test
