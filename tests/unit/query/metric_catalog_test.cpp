// Which series there are, and their newest points.
#include <gtest/gtest.h>

#include "chunk/merge.hpp"
#include "metric_world.hpp"
#include "query/json.hpp"

namespace penstock::query::test {
namespace {

std::vector<double> values_of(const LatestResult& latest) {
  std::vector<double> values;
  for (const auto& point : latest.metrics.at(0).lines.at(0).points) values.push_back(point.value);
  return values;
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

}  // namespace
}  // namespace penstock::query::test
