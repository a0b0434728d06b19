// Merging keeps every record, in order, in few chunks; and drops just what it is told to drop.
#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <random>
#include <tuple>

#include "chunk/merge.hpp"
#include "chunk/metric_chunk_builder.hpp"
#include "chunk/metric_chunk_reader.hpp"
#include "random_logs.hpp"
#include "support/fake_sealer.hpp"

namespace penstock::chunk {
namespace {

using test::FakeSealer;
using test::OwnedLog;
using test::RandomLogOptions;
using test::RandomLogs;

Chunk chunk_of(const std::vector<OwnedLog>& logs, Sealer& sealer, const WriteOptions& options = {}) {
  LogChunkBuilder builder("shop", JournalId{7}, 20777);
  for (const OwnedLog& log : logs) log.add_to(builder);
  auto chunk = builder.finish(sealer, options);
  EXPECT_TRUE(chunk);
  return *std::move(chunk);
}

std::vector<OwnedLog> read_back(const std::vector<Chunk>& chunks, Sealer& sealer) {
  std::vector<OwnedLog> logs;
  LogRow row;
  for (const Chunk& chunk : chunks) {
    auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
    EXPECT_TRUE(reader);
    for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
      auto group = (*reader)->read(g, ColumnSelection::everything());
      EXPECT_TRUE(group);
      for (std::size_t i = 0; i < group->rows(); ++i) {
        group->row(i, row);
        EXPECT_EQ(row.log.deployment, "shop");
        logs.push_back(OwnedLog::of(row.log, row.sequence));
      }
    }
  }
  return logs;
}

TEST(MergeLogs, IsTheConcatenationSorted) {
  FakeSealer sealer;
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    RandomLogs random(seed);
    std::vector<OwnedLog> all;
    std::vector<Chunk> inputs;
    for (std::size_t n = 1 + random.below(12); n > 0; --n) {
      RandomLogOptions options;
      options.first_sequence = all.size() + 1;
      options.ordered = random.below(2) == 0;
      const auto logs = random.make(1 + random.below(500), options);
      all.insert(all.end(), logs.begin(), logs.end());
      WriteOptions write;
      write.group_rows = 100;
      inputs.push_back(chunk_of(logs, sealer, write));
    }
    test::sort_logs(all);
    MergeOptions options;
    options.target_bytes = static_cast<std::uint32_t>(1 + random.below(200'000));
    options.write.group_rows = 150;
    auto merged = merge(inputs, options, sealer);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(merged->records, all.size());
    EXPECT_EQ(merged->dropped, 0u);
    ASSERT_EQ(read_back(merged->chunks, sealer), all) << "seed " << seed;
    std::uint64_t count = 0;
    for (const Chunk& chunk : merged->chunks) {
      EXPECT_EQ(chunk.meta.level, 1u);
      EXPECT_EQ(chunk.meta.deployment, "shop");
      count += chunk.meta.record_count;
    }
    EXPECT_EQ(count, all.size());
  }
}

TEST(MergeLogs, TheMergedFilterKnowsTheWordsOfAllInputs) {
  FakeSealer sealer;
  OwnedLog one;
  one.sequence = 1;
  one.message = "alpha";
  OwnedLog two;
  two.sequence = 2;
  two.message = "beta";
  auto merged = merge_logs({chunk_of({one}, sealer), chunk_of({two}, sealer)}, {}, sealer);
  ASSERT_TRUE(merged);
  ASSERT_EQ(merged->chunks.size(), 1u);
  auto filter = open_filter(merged->chunks[0], sealer);
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->may_contain_token("alpha"));
  EXPECT_TRUE(filter->may_contain_token("beta"));
  EXPECT_FALSE(filter->may_contain_token("gamma"));
}

TEST(MergeLogs, DroppedRecordsAreGoneFromTextAndFilter) {
  FakeSealer sealer;
  auto logs = RandomLogs(21).make(800, {});
  OwnedLog secret;
  secret.sequence = 900;
  secret.message = "topsecret";
  logs.push_back(secret);
  MergeOptions options;
  options.level = 2;
  options.keep = [](const LogView& log, Sequence sequence) { return sequence % 3 != 0 && log.message != "topsecret"; };
  auto merged = merge_logs({chunk_of(logs, sealer)}, options, sealer);
  ASSERT_TRUE(merged);
  std::erase_if(logs, [](const OwnedLog& log) { return log.sequence % 3 == 0 || log.message == "topsecret"; });
  EXPECT_EQ(merged->dropped, 801 - logs.size());
  test::sort_logs(logs);
  EXPECT_EQ(read_back(merged->chunks, sealer), logs);
  ASSERT_EQ(merged->chunks.size(), 1u);
  EXPECT_EQ(merged->chunks[0].meta.level, 2u);
  EXPECT_FALSE(open_filter(merged->chunks[0], sealer)->may_contain_token("topsecret"));

  options.keep = [](const LogView&, Sequence) { return false; };
  auto nothing = merge_logs({chunk_of(logs, sealer)}, options, sealer);
  ASSERT_TRUE(nothing);
  EXPECT_TRUE(nothing->chunks.empty());
}

TEST(MergeLogs, RefusesChunksThatDoNotBelongTogether) {
  FakeSealer sealer;
  OwnedLog log;
  log.sequence = 1;
  Chunk a = chunk_of({log}, sealer);
  Chunk b = chunk_of({log}, sealer);
  b.meta.day += 1;
  auto refused = merge_logs({a, b}, {}, sealer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::internal);
  EXPECT_FALSE(merge_logs({}, {}, sealer));
  a.payload[0] = static_cast<char>(a.payload[0] ^ 1);
  auto corrupt = merge_logs({a}, {}, sealer);
  ASSERT_FALSE(corrupt);
  EXPECT_EQ(corrupt.error().code, ErrorCode::corrupt);
}

using MergedSample = std::tuple<std::int64_t, std::int64_t, std::uint64_t>;
using MergedSamples = std::map<SeriesId, std::vector<MergedSample>>;

MergedSamples read_samples(const std::vector<Chunk>& chunks, Sealer& sealer) {
  MergedSamples out;
  for (const Chunk& chunk : chunks) {
    auto reader = MetricChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
    EXPECT_TRUE(reader);
    auto done = (*reader)->read_all(Timestamp{INT64_MIN}, Timestamp{INT64_MAX}, [&](const SeriesSamples& series) {
      for (std::size_t i = 0; i < series.values.size(); ++i) {
        out[series.series].emplace_back(series.timestamps[i], series.received_at[i], std::bit_cast<std::uint64_t>(series.values[i]));
      }
      return true;
    });
    EXPECT_TRUE(done) << done.error().message;
  }
  return out;
}

TEST(MergeMetrics, IsTheConcatenationSortedBySeriesAndTime) {
  FakeSealer sealer;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    const std::size_t series = 1 + random() % 40;
    std::vector<Chunk> inputs;
    MergedSamples expected;
    Sequence sequence = 1;
    for (std::size_t n = 1 + random() % 10; n > 0; --n) {
      MetricChunkBuilder builder("shop", JournalId{7}, 20777);
      MergedSamples of_input;
      for (std::size_t point = 1 + random() % 100; point > 0; --point) {
        // Some inputs follow each other, some overlap; times repeat within and between them.
        const auto time = static_cast<std::int64_t>(random() % 3 == 0 ? random() % 50 : sequence);
        for (std::size_t s = 0; s < series; ++s) {
          if (random() % 4 == 0) continue;
          const double value = static_cast<double>(random() % 1000) / 10;
          builder.add(sequence, s * 77, Timestamp{time}, Timestamp{time + 5}, value);
          of_input[s * 77].emplace_back(time, time + 5, std::bit_cast<std::uint64_t>(value));
        }
        ++sequence;
      }
      if (builder.empty()) continue;
      for (auto& [id, samples] : of_input) expected[id].insert(expected[id].end(), samples.begin(), samples.end());
      auto chunk = builder.finish(sealer);
      ASSERT_TRUE(chunk);
      inputs.push_back(*std::move(chunk));
    }
    if (inputs.empty()) continue;
    std::uint64_t count = 0;
    for (auto& [id, samples] : expected) {
      count += samples.size();
      std::stable_sort(samples.begin(), samples.end(), [](const MergedSample& a, const MergedSample& b) { return std::get<0>(a) < std::get<0>(b); });
    }
    MergeOptions options;
    options.target_bytes = static_cast<std::uint32_t>(1 + random() % 20'000);
    auto merged = merge(inputs, options, sealer);
    ASSERT_TRUE(merged) << merged.error().message;
    EXPECT_EQ(merged->records, count);
    ASSERT_EQ(read_samples(merged->chunks, sealer), expected) << "seed " << seed;
    for (std::size_t i = 1; i < merged->chunks.size(); ++i) {
      EXPECT_GT(merged->chunks[i].meta.min_series, merged->chunks[i - 1].meta.max_series);
    }
  }
}

TEST(MergeMetrics, ALongSeriesInManyPiecesStaysInOrder) {
  FakeSealer sealer;
  std::vector<Chunk> inputs;
  for (int input = 0; input < 3; ++input) {
    MetricChunkBuilder builder("shop", JournalId{7}, 20777);
    for (std::int64_t i = 0; i < 100'000; ++i) builder.add(1, 5, Timestamp{i * 3 + input}, Timestamp{i}, 1.0);
    builder.add(1, 9, Timestamp{input}, Timestamp{0}, 2.0);
    auto chunk = builder.finish(sealer);
    ASSERT_TRUE(chunk);
    inputs.push_back(*std::move(chunk));
  }
  auto merged = merge_metrics(inputs, {}, sealer);
  ASSERT_TRUE(merged);
  const MergedSamples samples = read_samples(merged->chunks, sealer);
  ASSERT_EQ(samples.at(5).size(), 300'000u);
  for (std::size_t i = 0; i < samples.at(5).size(); ++i) ASSERT_EQ(std::get<0>(samples.at(5)[i]), static_cast<std::int64_t>(i));
  EXPECT_EQ(samples.at(9).size(), 3u);
}

}  // namespace
}  // namespace penstock::chunk
