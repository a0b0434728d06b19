#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

#include "chunk/merge.hpp"
#include "metric_world.hpp"
#include "query/compensated_sum.hpp"
#include "query/histogram_counts.hpp"
#include "query/json.hpp"
#include "query/quantile_sketch.hpp"

namespace penstock::query::test {
namespace {

constexpr std::int64_t kStep = 10 * kMinute;

// Random gauges and counters of a few series over two days: some stored, some live, a few sent twice or late.
void fill(MetricWorld& world, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::int64_t n) { return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random); };
  std::vector<Series> series;
  for (const char* source : {"a", "b", "c"}) {
    for (const char* deployment : {"shop", "bank"}) {
      series.push_back(make_series("cpu", source, deployment, {{"core", source}}));
    }
  }
  series.push_back(make_series("other", "a"));
  std::map<SeriesId, double> counters;
  std::set<std::pair<SeriesId, std::int64_t>> taken;
  for (int round = 0; round < 8; ++round) {
    std::vector<Sample> samples;
    for (int i = 0; i < 150; ++i) {
      const auto& s = series[static_cast<std::size_t>(below(static_cast<std::int64_t>(series.size())))];
      const std::int64_t time = kNow.ns - 2 * kDay + (round * 150 + i) * (2 * kDay / 1300) - below(3) * kHour;
      if (!taken.insert({s.id, time}).second) continue;
      double& value = counters[s.id];
      value = below(20) == 0 ? 0 : value + static_cast<double>(below(100));
      samples.push_back({s, time, value});
    }
    world.ingest_samples(samples);
    if (round < 6) world.flush_samples();
  }
}

double quantile_of_sorted(const std::vector<double>& values, double q) {
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(rank)), high = static_cast<std::size_t>(std::ceil(rank));
  return values[low] + (values[high] - values[low]) * (rank - static_cast<double>(low));
}

// What one series has in a step, by a plain loop. `samples`: all of the series, in time order.
std::optional<double> within_step(Within within, const std::vector<Sample>& samples, std::int64_t from, std::int64_t to) {
  std::vector<double> values;
  for (const auto& s : samples) {
    if (s.time >= from && s.time < to) values.push_back(s.value);
  }
  if (within == Within::rate) {
    double increase = 0, seconds = 0;
    for (std::size_t i = 1; i < samples.size(); ++i) {
      const auto overlap = std::min(samples[i].time, to) - std::max(samples[i - 1].time, from);
      if (overlap <= 0) continue;
      const double grown = samples[i].value >= samples[i - 1].value ? samples[i].value - samples[i - 1].value : samples[i].value;
      increase += grown * static_cast<double>(overlap) / static_cast<double>(samples[i].time - samples[i - 1].time);
      seconds += static_cast<double>(overlap) / 1e9;
    }
    return seconds > 0 ? std::optional(increase / seconds) : std::nullopt;
  }
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  switch (within) {
    case Within::avg: return sum / static_cast<double>(values.size());
    case Within::min: return *std::min_element(values.begin(), values.end());
    case Within::max: return *std::max_element(values.begin(), values.end());
    case Within::count: return static_cast<double>(values.size());
    case Within::last: return values.back();
    default: return sum;
  }
}

using Steps = std::vector<std::optional<double>>;

// What one series has in each step; of a line of several series gauges are held over empty steps (aggregate.hpp).
Steps steps_within(Within within, const std::vector<Sample>& samples, std::int64_t first, std::size_t steps, bool grouped) {
  Steps out(steps);
  std::vector<std::size_t> full;
  double count = 0;
  for (std::size_t i = 0; i < steps; ++i) {
    const std::int64_t from = first + static_cast<std::int64_t>(i) * kStep;
    out[i] = within_step(within, samples, from, from + kStep);
    const auto here = within_step(Within::count, samples, from, from + kStep);
    if (here) full.push_back(i);
    count += here.value_or(0);
  }
  const bool gauge = within != Within::sum && within != Within::count && within != Within::rate;
  if (!grouped || !gauge || full.size() < 2 || count >= 2.0 * static_cast<double>(full.size())) return out;
  std::vector<std::size_t> distances;
  for (std::size_t i = 1; i < full.size(); ++i) distances.push_back(full[i] - full[i - 1]);
  std::sort(distances.begin(), distances.end());
  const std::size_t usual = distances[distances.size() / 2];
  for (std::size_t i = 0; i < full.size(); ++i) {
    const std::size_t end = i + 1 < full.size() ? full[i + 1] : steps;
    if (end - full[i] - 1 > (usual == 1 ? 1 : usual * 5 / 2 - 1)) continue;
    for (std::size_t at = full[i] + 1; at < end; ++at) out[at] = out[full[i]];
  }
  for (std::size_t at = 0; at < full.front() && full.front() < usual; ++at) out[at] = out[full.front()];
  return out;
}

// One line by plain loops.
Steps aggregate(Aggregate agg, std::optional<Within> within, const std::map<SeriesId, std::vector<Sample>>& by_series, std::int64_t first,
                std::size_t steps, bool grouped) {
  if (agg == Aggregate::rate) {
    agg = Aggregate::sum;
    within = Within::rate;
  }
  if (agg == Aggregate::last) within.reset();
  if (!within && (agg == Aggregate::avg || agg == Aggregate::sum)) within = Within::avg;
  std::vector<std::vector<double>> values(steps);
  std::vector<std::optional<Sample>> last(steps);
  for (const auto& [id, samples] : by_series) {
    if (within) {
      const Steps own = steps_within(*within, samples, first, steps, grouped);
      for (std::size_t i = 0; i < steps; ++i) {
        if (own[i]) values[i].push_back(*own[i]);
      }
      continue;
    }
    for (const auto& s : samples) {
      if (s.time < first || s.time >= first + static_cast<std::int64_t>(steps) * kStep) continue;
      const auto i = static_cast<std::size_t>((s.time - first) / kStep);
      values[i].push_back(s.value);
      if (!last[i] || s.time >= last[i]->time) last[i] = s;
    }
  }
  Steps out(steps);
  for (std::size_t i = 0; i < steps; ++i) {
    auto& in = values[i];
    if (in.empty()) continue;
    std::sort(in.begin(), in.end());
    double sum = 0;
    for (const double value : in) sum += value;
    switch (agg) {
      case Aggregate::avg: out[i] = sum / static_cast<double>(in.size()); break;
      case Aggregate::min: out[i] = in.front(); break;
      case Aggregate::max: out[i] = in.back(); break;
      case Aggregate::sum: out[i] = sum; break;
      case Aggregate::count: out[i] = static_cast<double>(in.size()); break;
      case Aggregate::last: out[i] = last[i]->value; break;
      case Aggregate::p50: out[i] = quantile_of_sorted(in, 0.5); break;
      case Aggregate::p90: out[i] = quantile_of_sorted(in, 0.9); break;
      case Aggregate::p95: out[i] = quantile_of_sorted(in, 0.95); break;
      default: out[i] = quantile_of_sorted(in, 0.99); break;
    }
  }
  return out;
}

struct Case {
  Aggregate agg;
  std::optional<Within> within;
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (int a = 0; a <= static_cast<int>(Aggregate::p99); ++a) {
    for (int w = -1; w <= static_cast<int>(Within::rate); ++w) {
      const auto within = w < 0 ? std::nullopt : std::optional(static_cast<Within>(w));
      if (AggregatePlan::of(static_cast<Aggregate>(a), within)) cases.push_back({static_cast<Aggregate>(a), within});
    }
  }
  return cases;
}

TEST(MetricRange, EveryAggregateEqualsAPlainLoop) {
  MetricWorld world({.memory_bytes = 8u << 20}), narrow({.memory_bytes = 640u << 10, .concurrent = 8});  // 80 KiB a query: in parts
  fill(world, 7);
  fill(narrow, 7);
  for (const auto& [agg, within] : all_cases()) {
    for (const int by : {0, 1, 2, 3}) {
      const std::string what = std::string(aggregate_name(agg)) + " within " + std::to_string(within ? static_cast<int>(*within) : -1) + " by " +
                               std::to_string(by);
      RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - 2 * kDay}, kNow, kStep, {agg}, std::nullopt};
      query.within = within;
      if (by == 1) query.by = std::vector<std::string>{};
      if (by == 2) query.by = std::vector<std::string>{"deployment"};
      if (by == 3) query.by = std::vector<std::string>{"source"};
      const auto got = world.engine.range(Scope::everything(), query, world.go);
      ASSERT_TRUE(got.has_value()) << got.error().message;
      const auto in_parts = narrow.engine.range(Scope::everything(), query, narrow.go);
      ASSERT_TRUE(in_parts.has_value()) << in_parts.error().message;
      // By line; of each series those samples that have a neighbour's reach: an hour before and after.
      std::map<std::string, std::map<SeriesId, std::vector<Sample>>> lines;
      for (const auto& [sequence, sample] : world.points) {
        const auto& s = sample.series;
        if (s.name != "cpu" || sample.time < got->from.ns - kHour || sample.time >= got->to.ns + kHour) continue;
        const std::string key = by == 0 ? s.deployment + labels_to_json(s.labels) : by == 1 ? "{}" : by == 2
            ? s.deployment + "{}" : labels_to_json(Labels::from({{"source", std::string(s.labels.get("source"))}}));
        lines[key][s.id].push_back(sample);
      }
      for (auto& [key, by_series] : lines) {
        for (auto& [id, samples] : by_series) {
          std::stable_sort(samples.begin(), samples.end(),
                           [](const Sample& x, const Sample& y) { return x.time < y.time; });
        }
      }
      ASSERT_EQ(got->series.size(), lines.size()) << what;
      ASSERT_EQ(in_parts->series.size(), lines.size()) << what;
      for (std::size_t l = 0; l < got->series.size(); ++l) {
        const auto& line = got->series[l];
        const auto& expected = lines.at(line.deployment.value_or("") + labels_to_json(line.labels));
        ASSERT_EQ(line.values().size(), got->points());
        EXPECT_EQ(in_parts->series[l].values(), line.values()) << what;
        const Steps plain = aggregate(agg, within, expected, got->from.ns, got->points(), by > 0);
        for (std::size_t i = 0; i < line.values().size(); ++i) {
          const auto& wanted = plain[i];
          ASSERT_EQ(line.values()[i].has_value(), wanted.has_value()) << what << " bucket " << i;
          if (!wanted) continue;
          ASSERT_NEAR(*line.values()[i], *wanted, 1e-6 * std::max(1.0, std::abs(*wanted))) << what << " bucket " << i;
        }
      }
    }
  }
  EXPECT_EQ(world.engine.memory_used(), 0u);
  EXPECT_EQ(narrow.engine.memory_used(), 0u);
}

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

TEST(CompensatedSum, KeepsWhatPlainAdditionLoses) {
  CompensatedSum sum;
  for (const double value : {1.0, 1e100, 1.0, -1e100}) sum.add(value);
  EXPECT_EQ(sum.value(), 2);
  CompensatedSum huge;
  for (const double value : {1e308, 1e308, 1e308, 4.0}) huge.add(value);
  EXPECT_DOUBLE_EQ(huge.divided_by(4), 0.75e308);
  EXPECT_TRUE(std::isinf(huge.value()));
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
  const RangeQuery query{{}, "net", {}, Timestamp{kNow.ns - kHour}, kNow, kStep, {Aggregate::rate},
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

TEST(MetricLatest, GivesTheNewestPointsOfEachSeriesAndReadsNoOldChunks) {
  MetricWorld world;
  const auto a = make_series("cpu", "a"), b = make_series("cpu", "b"), c = make_series("ram", "a");
  for (int round = 0; round < 10; ++round) {
    std::vector<Sample> samples;
    for (int i = 0; i < 20; ++i) {
      const std::int64_t time = kNow.ns - (10 - round) * 10 * kMinute + i * kSecond;
      for (const auto* s : {&a, &b, &c}) samples.push_back({*s, time, static_cast<double>(round * 20 + i)});
    }
    world.ingest_samples(samples);
    if (round < 9) world.flush_samples();
  }
  const auto got = world.engine.latest(Scope::everything(), {.names = {"ram", "cpu", "none"}, .n = 25}, world.go);
  ASSERT_TRUE(got.has_value()) << got.error().message;
  ASSERT_EQ(got->metrics.size(), 3u);
  EXPECT_EQ(got->metrics[0].name, "ram");
  EXPECT_EQ(got->metrics[1].lines.size(), 2u);
  EXPECT_TRUE(got->metrics[2].lines.empty());
  for (const auto& line : got->metrics[1].lines) {
    ASSERT_EQ(line.points.size(), 25u);
    for (int i = 0; i < 25; ++i) EXPECT_EQ(line.points[static_cast<std::size_t>(i)].value, 175 + i);
  }
  EXPECT_EQ(got->stats.chunks_read, 1u);
  EXPECT_EQ(world.engine.latest(Scope::everything(), {.names = {}}, world.go).error().field, "names");
  EXPECT_TRUE(world.engine.latest(Scope::of({"bank"}), {.names = {"cpu"}}, world.go)->metrics[0].lines.empty());
}

std::vector<double> values_of(const LatestResult& latest) {
  std::vector<double> values;
  for (const auto& point : latest.metrics.at(0).lines.at(0).points) values.push_back(point.value);
  return values;
}

TEST(MetricLatest, PointsOfOneTimeComeInTheOrderTheyArrivedStoredOrLive) {
  MetricWorld world;
  const auto series = make_series("cpu", "a");
  const auto expect = [&](const std::vector<double>& expected, const char* when) {
    const auto all = world.engine.latest(Scope::everything(), {.names = {"cpu"}, .n = 25}, world.go);
    EXPECT_EQ(values_of(*all), expected) << when;
    const auto one = world.engine.latest(Scope::everything(), {.names = {"cpu"}, .n = 1}, world.go);
    EXPECT_EQ(values_of(*one), std::vector<double>{expected.back()}) << when;
    const RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - kMinute}, Timestamp{kNow.ns + kMinute}, kHour, {Aggregate::last},
                           std::nullopt};
    const auto range = world.engine.range(Scope::everything(), query, world.go);
    ASSERT_EQ(range->series.size(), 1u) << when;
    EXPECT_EQ(range->series[0].values().back(), expected.back()) << when;
  };
  for (const double value : {10, 30, 20}) world.ingest_samples({{series, kNow.ns, value}});
  expect({10, 30, 20}, "live");
  world.flush_samples();
  expect({10, 30, 20}, "stored");
  world.ingest_samples({{series, kNow.ns - kSecond, 5}, {series, kNow.ns, 7}});
  expect({5, 10, 30, 20, 7}, "one chunk and a frame");
  world.flush_samples();
  expect({5, 10, 30, 20, 7}, "two chunks, of which the later begins earlier");
  world.ingest_samples({{series, kNow.ns, 6}});
  expect({5, 10, 30, 20, 7, 6}, "two chunks and a frame");
}

// Merging takes its inputs by their times, so of equal times those that arrived later may lie first.
TEST(MetricLatest, AMergedChunkTellsTheOrderOfArrivalToo) {
  MetricWorld world;
  const auto series = make_series("cpu", "a");
  const auto day = day_of(kNow);
  const Timestamp early{kNow.ns - kSecond}, later{kNow.ns + kSecond};
  world.ingest_samples({{series, kNow.ns, 10}, {series, early.ns, 5}, {series, kNow.ns, 20}});
  chunk::MetricChunkBuilder first("shop", world.journal.id(), day), second("shop", world.journal.id(), day);
  first.add(1, series.id, kNow, kNow, 10);
  second.add(2, series.id, early, later, 5);
  second.add(3, series.id, kNow, later, 20);
  std::vector<Chunk> inputs;
  inputs.push_back(*second.finish(world.sealer, {}));
  inputs.push_back(*first.finish(world.sealer, {}));
  auto merged = chunk::merge_metrics(inputs, {}, world.sealer);
  ASSERT_TRUE(merged.has_value());
  StoreCommit commit{world.journal.id(), world.store.cursor_of(world.journal.id()), world.journal.durable_end(),
                     merged->chunks, {series}, {}};
  ASSERT_TRUE(world.store.commit(commit).has_value());
  EXPECT_EQ(values_of(*world.engine.latest(Scope::everything(), {.names = {"cpu"}}, world.go)), (std::vector<double>{5, 10, 20}));
  EXPECT_EQ(values_of(*world.engine.latest(Scope::everything(), {.names = {"cpu"}, .n = 1}, world.go)), std::vector<double>{20});
  const RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - kMinute}, Timestamp{kNow.ns + kMinute}, kHour, {Aggregate::last}, {}};
  EXPECT_EQ(world.engine.range(Scope::everything(), query, world.go)->series.at(0).values().back(), 20);
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

TEST(MetricLatest, LooksAsFarBackAsAskedAndTellsHowFar) {
  MetricWorld world;
  const auto series = make_series("cpu", "a");
  world.ingest_samples({{series, kNow.ns - 10 * kDay, 1}, {series, kNow.ns - 3 * kDay, 2}});
  world.flush_samples();
  const auto day = world.engine.latest(Scope::everything(), {.names = {"cpu"}}, world.go);
  EXPECT_TRUE(day->metrics[0].lines.empty());
  EXPECT_EQ(day->from.ns, kNow.ns - kDay);
  const Timestamp from{kNow.ns - 5 * kDay};
  const auto week = world.engine.latest(Scope::everything(), {.names = {"cpu"}, .from = from}, world.go);
  EXPECT_EQ(values_of(*week), std::vector<double>{2});
  EXPECT_NE(to_json(*week).find("},\"from\":\"" + format_rfc3339(from) + "\",\"stats\":"), std::string::npos);
  const auto all = world.engine.latest(Scope::everything(), {.names = {"cpu"}, .from = Timestamp{0}}, world.go);
  EXPECT_EQ(values_of(*all), (std::vector<double>{1, 2}));
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

TEST(MetricCatalog, ListsStoredAndLiveSeriesOnce) {
  MetricWorld world;
  world.ingest_samples({{make_series("cpu.usage", "a"), kNow.ns, 1}, {make_series("ram.used", "a"), kNow.ns, 1}});
  world.flush_samples();
  world.ingest_samples({{make_series("cpu.usage", "a"), kNow.ns, 2},
                        {make_series("cpu.usage", "b", "bank", {{"core", "0"}}), kNow.ns, 2}});
  const auto list = world.engine.metrics(Scope::everything(), {}, world.go);
  ASSERT_EQ(list->metrics.size(), 2u);
  EXPECT_EQ(list->metrics[0].name, "cpu.usage");
  EXPECT_EQ(list->metrics[0].unit, "%");
  EXPECT_EQ(list->metrics[0].series, 2u);
  EXPECT_EQ(list->metrics[0].labels, (std::vector<std::string>{"core", "source"}));
  EXPECT_EQ(world.engine.metrics(Scope::of({"shop"}), {}, world.go)->metrics[0].series, 1u);
  const auto series = world.engine.series(Scope::everything(), {.names = {"cpu.usage"}}, world.go);
  ASSERT_EQ(series->series.size(), 2u);
  EXPECT_EQ(series->series[0].deployment, "bank");
  EXPECT_EQ(world.engine.series(Scope::everything(), {.labels = {{"core", "0"}}}, world.go)->series.size(), 1u);
  EXPECT_TRUE(world.engine.series(Scope::everything(), {.limit = 1}, world.go)->truncated);
  world.store.set_away(true);
  const auto partial = world.engine.series(Scope::everything(), {}, world.go);
  EXPECT_TRUE(partial->stats.partial);
  EXPECT_EQ(partial->series.size(), 3u);
}

TEST(MetricCatalog, ThreeHundredNewPodsADayForAYearDoNotMatter) {
  // A tenth of all numbers, of the limit too.
  MetricWorld world({.max_series = 2'000});
  const std::int32_t today = day_of(kNow);
  for (std::int32_t day = today - 365; day < today; ++day) {
    for (int pod = 0; pod < 30; ++pod) {
      world.store.put(SeenSeries(make_series("cpu", "pod-" + std::to_string(day) + "-" + std::to_string(pod)), day, day));
    }
  }
  std::vector<Sample> samples;
  for (int pod = 0; pod < 30; ++pod) samples.push_back({make_series("cpu", "new-" + std::to_string(pod)), kNow.ns - kMinute, 1});
  world.ingest_samples(samples);
  for (int stored = 0; stored < 2; ++stored) {
    const std::uint64_t before = world.store.series_listed();
    const RangeQuery query{{}, "cpu", {}, Timestamp{kNow.ns - 5 * kMinute}, kNow, 0, {Aggregate::avg}, std::nullopt};
    const auto range = world.engine.range(Scope::everything(), query, world.go);
    ASSERT_TRUE(range.has_value()) << range.error().message;
    EXPECT_EQ(range->series.size(), 30u);
    const auto latest = world.engine.latest(Scope::everything(), {.names = {"cpu"}, .n = 1}, world.go);
    ASSERT_TRUE(latest.has_value()) << latest.error().message;
    EXPECT_EQ(latest->metrics[0].lines.size(), 30u);
    EXPECT_LE(world.store.series_listed() - before, 30u * 4) << "those of yesterday and today";
    const auto day = world.engine.series(Scope::everything(), {.from = kNow, .to = kNow}, world.go);
    ASSERT_TRUE(day.has_value()) << day.error().message;
    EXPECT_EQ(day->series.size(), 30u);
    EXPECT_FALSE(day->truncated);
    const auto first = world.engine.series(Scope::everything(), {.limit = 5}, world.go);
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(first->series.size(), 5u);
    EXPECT_TRUE(first->truncated);
    EXPECT_EQ(first->series[0].labels.get("source"), "new-0");
    world.flush_samples();
  }
  const auto all = world.engine.series(Scope::everything(), {.limit = 1'000'000}, world.go);
  ASSERT_TRUE(all.has_value()) << all.error().message;
  EXPECT_TRUE(all->truncated);
  EXPECT_GT(all->series.size(), 500u);
  EXPECT_LE(all->series.size(), 2'000u);
}

TEST(MetricCatalog, FreshAndStoredAnswersAgreeOnAnyRange) {
  MetricWorld world;
  for (int day = 0; day < 6; ++day) {
    for (int i = 0; i <= day; ++i) {
      world.ingest_samples({{make_series(i % 2 ? "cpu" : "ram", "h" + std::to_string(i)), kNow.ns - day * kDay - i * kHour, 1}});
    }
  }
  std::vector<std::vector<std::string>> fresh, stored;
  for (auto* answers : {&fresh, &stored}) {
    for (int from = 0; from < 7; ++from) {
      for (const std::size_t limit : {2u, 100u}) {
        const SeriesQuery query{.limit = limit, .from = Timestamp{kNow.ns - from * kDay}, .to = Timestamp{kNow.ns - kDay}};
        if (*query.from > *query.to) continue;
        const auto got = world.engine.series(Scope::everything(), query, world.go);
        ASSERT_TRUE(got.has_value());
        auto& names = answers->emplace_back();
        for (const auto& series : got->series) names.push_back(series.name + labels_to_json(series.labels));
        names.push_back(got->truncated ? "and more" : "all");
        const auto metrics = world.engine.metrics(Scope::everything(), query, world.go);
        for (const auto& metric : metrics->metrics) {
          names.push_back(metric.name + std::to_string(metric.series));
        }
      }
    }
    world.flush_samples();
  }
  EXPECT_EQ(fresh, stored);
  EXPECT_GT(fresh.size(), 8u);
}

TEST(MetricCatalog, TooManySeriesWithSamplesAreRefusedAndOthersDoNotCount) {
  MetricWorld world({.max_series = 3});
  for (int i = 0; i < 9; ++i) {
    world.ingest_samples({{make_series("m", std::to_string(i)), kNow.ns - (i < 6 ? kHour : 0) - 1, 1}});
    if (i == 4) world.flush_samples();
  }
  RangeQuery query{{}, "m", {}, Timestamp{kNow.ns - kMinute}, kNow, kMinute, {Aggregate::avg}, std::nullopt};
  EXPECT_EQ(world.engine.range(Scope::everything(), query, world.go)->series.size(), 3u);
  query.from = Timestamp{kNow.ns - 2 * kHour};
  const auto refused = world.engine.range(Scope::everything(), query, world.go);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_request);
  EXPECT_NE(refused.error().message.find("query.max_series"), std::string::npos);
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
