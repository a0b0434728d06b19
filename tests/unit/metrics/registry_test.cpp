#include "metrics/registry.hpp"

#include <cmath>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace penstock::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Registry, GivesTheSameInstrumentForTheSameNameAndLabelsInAnyOrder) {
  Registry registry;
  Counter& first = registry.counter("penstock_x_total", "x", {{"a", "1"}, {"b", "2"}});
  Counter& again = registry.counter("penstock_x_total", "x", {{"b", "2"}, {"a", "1"}});
  Counter& other = registry.counter("penstock_x_total", "x", {{"a", "1"}, {"b", "3"}});
  EXPECT_EQ(&first, &again);
  EXPECT_NE(&first, &other);
  first.add(3);
  EXPECT_EQ(registry.value("penstock_x_total", {{"a", "1"}, {"b", "2"}}), 3);
  EXPECT_EQ(registry.value("penstock_x_total", {{"a", "1"}, {"b", "3"}}), 0);
  EXPECT_EQ(registry.value("penstock_x_total"), std::nullopt);
  EXPECT_EQ(registry.value("penstock_y_total"), std::nullopt);
}

TEST(Registry, RefusesANameThatIsAlreadyAnotherKind) {
  Registry registry;
  registry.counter("penstock_x", "x");
  EXPECT_THROW(registry.gauge("penstock_x", "x"), std::logic_error);
  EXPECT_THROW(registry.histogram("penstock_x", "x", {{"a", "b"}}), std::logic_error);
  EXPECT_THROW(registry.gauge_callback("penstock_x", "x", {}, [] { return 1.0; }), std::logic_error);
}

// Two rooms that took one name by accident would each show the other's number.
TEST(Registry, RefusesANameThatIsTaken) {
  Registry registry;
  registry.gauge_callback("penstock_x", "Bytes of x.", {}, [] { return 1.0; });
  EXPECT_THROW(registry.gauge_callback("penstock_x", "Bytes of x.", {}, [] { return 2.0; }), std::logic_error);
  EXPECT_THROW(registry.gauge_callback("penstock_x", "Something else.", {}, [] { return 2.0; }), std::logic_error);
  EXPECT_EQ(registry.value("penstock_x"), 1);
}

TEST(Exposition, SpellsEveryKindAsTheFormatAsks) {
  Registry registry;
  registry.counter("penstock_a_total", "Things.", {{"kind", "log"}}).add(12'345'678);
  registry.counter("penstock_a_total", "Things.", {{"kind", "metric"}}).add(2);
  registry.gauge("penstock_b", "Level.").set(0.25);
  registry.gauge_callback("penstock_c", "Asked.", {{"x", "y"}}, [] { return -3.0; });
  registry.gauge_callback("penstock_c", "Asked.", {{"x", "z"}}, [] { return INFINITY; });
  EXPECT_EQ(registry.exposition(),
            "# HELP penstock_a_total Things.\n# TYPE penstock_a_total counter\n"
            "penstock_a_total{kind=\"log\"} 12345678\npenstock_a_total{kind=\"metric\"} 2\n"
            "# HELP penstock_b Level.\n# TYPE penstock_b gauge\npenstock_b 0.25\n"
            "# HELP penstock_c Asked.\n# TYPE penstock_c gauge\npenstock_c{x=\"y\"} -3\npenstock_c{x=\"z\"} +Inf\n");
}

TEST(Exposition, EscapesHelpAndLabelValues) {
  Registry registry;
  registry.gauge("penstock_x", "back\\slash\nline \"quoted\"", {{"path", "C:\\a\n\"b\""}}).set(1);
  EXPECT_EQ(registry.exposition(),
            "# HELP penstock_x back\\\\slash\\nline \"quoted\"\n# TYPE penstock_x gauge\n"
            "penstock_x{path=\"C:\\\\a\\n\\\"b\\\"\"} 1\n");
}

TEST(Exposition, HistogramBucketsAreCumulativeAndEndWithInf) {
  Registry registry;
  Histogram& seconds = registry.histogram("penstock_s", "s", {{"route", "/x"}});
  for (const double value : {0.0001, 0.0005, 0.0006, 0.3, 100.0}) seconds.observe(value);
  seconds.observe(NAN);
  const std::string text = registry.exposition();
  EXPECT_THAT(text, HasSubstr("# TYPE penstock_s histogram\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_bucket{route=\"/x\",le=\"0.0005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_bucket{route=\"/x\",le=\"0.001\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_bucket{route=\"/x\",le=\"0.25\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_bucket{route=\"/x\",le=\"0.5\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_bucket{route=\"/x\",le=\"60\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_bucket{route=\"/x\",le=\"+Inf\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_count{route=\"/x\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("penstock_s_sum{route=\"/x\"} 100.3012\n"));
  EXPECT_THAT(text, Not(HasSubstr("NaN")));
  EXPECT_EQ(registry.value("penstock_s", {{"route", "/x"}}), 5);
}

TEST(Quantile, LiesInTheBucketThatHoldsItsRank) {
  Registry registry;
  Histogram& seconds = registry.histogram("penstock_s", "s");
  EXPECT_EQ(registry.quantile("penstock_s", 0.99), std::nullopt);
  for (int i = 0; i < 99; ++i) seconds.observe(0.004);
  seconds.observe(7);
  EXPECT_GT(*registry.quantile("penstock_s", 0.5), 0.0025);
  EXPECT_LE(*registry.quantile("penstock_s", 0.99), 0.005);
  EXPECT_GT(*registry.quantile("penstock_s", 0.995), 5);
  EXPECT_LE(*registry.quantile("penstock_s", 1), 10);
  seconds.observe(1e6);
  EXPECT_EQ(*registry.quantile("penstock_s", 1), 60);
}

TEST(Registry, CallbacksRunWithoutItsLock) {
  Registry registry;
  registry.gauge_callback("penstock_x", "x", {}, [&registry] { return static_cast<double>(registry.counter("penstock_y", "y").value()); });
  registry.counter("penstock_y", "y").add(4);
  EXPECT_THAT(registry.exposition(), HasSubstr("penstock_x 4\n"));
  EXPECT_EQ(registry.value("penstock_x"), 4);
}

TEST(Registry, LosesNoUpdateOfManyThreads) {
  Registry registry;
  constexpr int threads = 4, updates = 20'000;
  {
    std::vector<std::jthread> running;
    for (int t = 0; t < threads; ++t) {
      running.emplace_back([&registry] {
        Histogram& seconds = registry.histogram("penstock_s", "s");
        Gauge& level = registry.gauge("penstock_g", "g");
        for (int i = 0; i < updates; ++i) {
          registry.counter("penstock_c", "c").add();
          seconds.observe(0.5);
          level.add(i % 2 == 0 ? 1 : -1);
          if (i % 5'000 == 0) { EXPECT_FALSE(registry.exposition().empty()); }
        }
      });
    }
  }
  EXPECT_EQ(registry.value("penstock_c"), threads * updates);
  EXPECT_EQ(registry.value("penstock_s"), threads * updates);
  EXPECT_EQ(registry.value("penstock_g"), 0);
}

}  // namespace
}  // namespace penstock::metrics
