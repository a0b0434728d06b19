// Every aggregate against a plain loop over all samples.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "metric_world.hpp"
#include "query/json.hpp"

namespace penstock::query::test {
namespace {

constexpr std::int64_t kStep = 10 * kMinute;

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

}  // namespace
}  // namespace penstock::query::test
