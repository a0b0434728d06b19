// Metric samples in chunks and live frames of a World, and a plain list of all of them.
#pragma once

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "query_world.hpp"

namespace penstock::query::test {

struct Sample {
  Series series;
  std::int64_t time = 0;
  double value = 0;
};

inline Series make_series(std::string name, std::string source, std::string deployment = "shop",
                          std::vector<std::pair<std::string, std::string>> labels = {}) {
  labels.emplace_back("source", std::move(source));
  Series series{0, std::move(deployment), std::move(name), Labels::from(std::move(labels))};
  series.id = series_id(series.deployment, series.name, series.labels);
  return series;
}

struct MetricWorld : World {
  using World::World;

  // Each sample is a point of its own; one frame.
  void ingest_samples(const std::vector<Sample>& samples) {
    BatchWriter writer;
    for (const auto& sample : samples) {
      std::vector<LabelView> labels;
      for (const auto& [name, value] : sample.series.labels.pairs) {
        if (name != "source") labels.push_back({name, value});
      }
      const SampleView value{sample.series.name, sample.value};
      writer.add(PointView{Timestamp{sample.time}, kNow, sample.series.deployment, sample.series.labels.get("source"),
                           labels, {&value, 1}});
    }
    const auto count = writer.record_count();
    const Timestamp min = writer.min_time(), max = writer.max_time();
    const Sequence first = journal.append(writer.take(), static_cast<std::uint32_t>(count), min, max);
    for (std::size_t i = 0; i < samples.size(); ++i) points.emplace_back(first + i, samples[i]);
  }

  // As the store sink: what is past the cursor becomes chunks; the catalog learns the series.
  void flush_samples() {
    const Sequence cursor = store.cursor_of(journal.id());
    StoreCommit commit{journal.id(), cursor, journal.durable_end(), {}, {}, {}};
    std::map<std::pair<std::string, std::int32_t>, chunk::MetricChunkBuilder> builders;
    std::set<std::pair<SeriesId, std::int32_t>> seen;
    for (const auto& [sequence, sample] : points) {
      if (sequence < cursor) continue;
      const auto day = day_of(Timestamp{sample.time});
      auto& builder =
          builders.try_emplace({sample.series.deployment, day}, sample.series.deployment, journal.id(),
                               day).first->second;
      builder.add(sequence, sample.series.id, Timestamp{sample.time}, kNow, sample.value);
      if (seen.insert({sample.series.id, day}).second) commit.series.emplace_back(sample.series, day, day);
    }
    for (auto& [key, builder] : builders) commit.chunks.push_back(*builder.finish(sealer, {}));
    ASSERT_TRUE(store.commit(commit).has_value());
  }

  std::vector<std::pair<Sequence, Sample>> points;
};

// Random gauges and counters of a few series over two days: some stored, some live, a few sent twice or late.
inline void fill(MetricWorld& world, std::uint64_t seed) {
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

}  // namespace penstock::query::test
