// A chunk of samples gives back every sample by series and time, and reads only the series that are asked for.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <random>

#include "chunk/metric_chunk_builder.hpp"
#include "chunk/metric_chunk_reader.hpp"
#include "support/fake_sealer.hpp"

namespace penstock::chunk {
namespace {

using test::FakeSealer;

constexpr Timestamp kBegin{INT64_MIN};
constexpr Timestamp kEnd{INT64_MAX};

struct Sample {
  std::int64_t time = 0;
  std::int64_t received = 0;
  std::uint64_t bits = 0;
  auto operator<=>(const Sample&) const = default;
};
using Samples = std::map<SeriesId, std::vector<Sample>>;

Samples collect(MetricChunkReader& reader, const std::vector<SeriesId>* wanted, Timestamp from, Timestamp to) {
  Samples out;
  SeriesId last = 0;
  const auto visit = [&](const SeriesSamples& series) {
    EXPECT_GE(series.series, last);
    last = series.series;
    EXPECT_EQ(series.values.size(), series.timestamps.size());
    for (std::size_t i = 0; i < series.values.size(); ++i) {
      out[series.series].push_back({series.timestamps[i], series.received_at[i], std::bit_cast<std::uint64_t>(series.values[i])});
    }
    return true;
  };
  auto done = wanted == nullptr ? reader.read_all(from, to, visit) : reader.read(*wanted, from, to, visit);
  EXPECT_TRUE(done) << done.error().message;
  return out;
}

struct Input {
  Chunk chunk;
  Samples expected;
};

Input random_input(std::uint64_t seed, Sealer& sealer) {
  std::mt19937_64 random(seed);
  MetricChunkBuilder builder("shop", JournalId{7}, 20777);
  Input input;
  const std::size_t series = 1 + random() % 60;
  std::vector<SeriesId> ids(series);
  for (auto& id : ids) id = random();
  Sequence sequence = 1;
  std::size_t count = 0;
  for (std::size_t point = 1 + random() % 200; point > 0; --point) {
    std::vector<SeriesSample> samples;
    // Out of order now and then, and the same time twice.
    const auto time = static_cast<std::int64_t>(sequence / 2 * 10'000'000'000 + (random() % 5 == 0 ? random() % 100'000'000'000 : 0));
    const auto received = random() % 50 == 0 ? INT64_MIN : time + static_cast<std::int64_t>(random() % 1'000'000);
    for (const SeriesId id : ids) {
      if (random() % 3 == 0) continue;
      const double value = id % 4 == 0   ? std::bit_cast<double>(random())
                           : id % 4 == 1 ? 42.0
                                         : static_cast<double>(random() % 10'000) / 100;
      samples.push_back({id, value});
      input.expected[id].push_back({time, received, std::bit_cast<std::uint64_t>(value)});
    }
    if (samples.size() == 1) {
      builder.add(sequence, samples[0].series, Timestamp{time}, Timestamp{received}, samples[0].value);
    } else {
      builder.add(sequence, Timestamp{time}, Timestamp{received}, samples);
    }
    count += samples.size();
    ++sequence;
  }
  if (count == 0) {
    builder.add(1, 5, Timestamp{1}, Timestamp{2}, 3.0);
    input.expected[5].push_back({1, 2, std::bit_cast<std::uint64_t>(3.0)});
    count = 1;
  }
  for (auto& [id, samples] : input.expected) {
    std::stable_sort(samples.begin(), samples.end(), [](const Sample& a, const Sample& b) { return a.time < b.time; });
  }
  EXPECT_EQ(builder.sample_count(), count);
  EXPECT_EQ(builder.series_count(), input.expected.size());
  auto chunk = builder.finish(sealer);
  EXPECT_TRUE(chunk);
  EXPECT_TRUE(builder.empty());
  input.chunk = *std::move(chunk);
  EXPECT_EQ(input.chunk.meta.record_count, count);
  EXPECT_EQ(input.chunk.meta.min_series, input.expected.begin()->first);
  EXPECT_EQ(input.chunk.meta.max_series, input.expected.rbegin()->first);
  return input;
}

TEST(MetricChunk, GivesBackEverySampleBySeriesAndTime) {
  FakeSealer sealer;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const Input input = random_input(seed, sealer);
    auto reader = MetricChunkReader::open(input.chunk, payload_in_memory(input.chunk.payload), sealer);
    ASSERT_TRUE(reader);
    ASSERT_EQ(collect(**reader, nullptr, kBegin, kEnd), input.expected) << "seed " << seed;
    auto directory = (*reader)->directory();
    ASSERT_TRUE(directory);
    ASSERT_EQ(directory->size(), input.expected.size());
    auto at = input.expected.begin();
    for (const SeriesEntry& entry : *directory) {
      EXPECT_EQ(entry.id, at->first);
      EXPECT_EQ(entry.count, at->second.size());
      EXPECT_EQ(entry.min_time.ns, at->second.front().time);
      EXPECT_EQ(entry.max_time.ns, at->second.back().time);
      ++at;
    }
  }
}

TEST(MetricChunk, ARangeOfTimeOfSomeSeriesIsJustThat) {
  FakeSealer sealer;
  std::mt19937_64 random(99);
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    const Input input = random_input(seed, sealer);
    auto reader = MetricChunkReader::open(input.chunk, payload_in_memory(input.chunk.payload), sealer);
    ASSERT_TRUE(reader);
    const auto from = static_cast<std::int64_t>(random() % 500'000'000'000);
    const auto to = from + static_cast<std::int64_t>(random() % 500'000'000'000);
    std::vector<SeriesId> wanted = {3};
    Samples expected;
    for (const auto& [id, samples] : input.expected) {
      if (random() % 2) continue;
      wanted.push_back(id);
      for (const Sample& sample : samples) {
        if (sample.time >= from && sample.time < to) expected[id].push_back(sample);
      }
    }
    std::sort(wanted.begin(), wanted.end());
    ASSERT_EQ(collect(**reader, &wanted, Timestamp{from}, Timestamp{to}), expected);
  }
}

TEST(MetricChunk, TheTimesOfAPointAreKeptOnce) {
  FakeSealer sealer;
  std::mt19937_64 random(7);
  std::size_t sizes[2] = {};
  for (const int metrics : {1, 10}) {
    MetricChunkBuilder builder("shop", JournalId{7}, 20777);
    for (int i = 0; i < 2000; ++i) {
      const std::int64_t time = i * 10'000'000'000 + static_cast<std::int64_t>(random() % 1'000'000'000);
      std::vector<SeriesSample> samples;
      for (int m = 0; m < metrics; ++m) samples.push_back({static_cast<SeriesId>(m) << 40, 1.0});
      builder.add(static_cast<Sequence>(i + 1), Timestamp{time}, Timestamp{time + static_cast<std::int64_t>(random() % 1'000'000)}, samples);
    }
    auto chunk = builder.finish(sealer);
    ASSERT_TRUE(chunk);
    sizes[metrics == 10] = chunk->payload.size();
  }
  EXPECT_LT(sizes[1], sizes[0] + 500);
}

Chunk large_chunk(Sealer& sealer, int series) {
  std::mt19937_64 random(8);
  MetricChunkBuilder builder("shop", JournalId{7}, 20777);
  for (int i = 0; i < 3000; ++i) {
    std::vector<SeriesSample> samples;
    for (int s = 0; s < series; ++s) samples.push_back({static_cast<SeriesId>(s) * 1000, std::bit_cast<double>(random())});
    builder.add(static_cast<Sequence>(i + 1), Timestamp{i * 1'000'000'000ll}, Timestamp{i * 1'000'000'000ll}, samples);
  }
  auto chunk = builder.finish(sealer);
  EXPECT_TRUE(chunk);
  return *std::move(chunk);
}

TEST(MetricChunk, OnlyTheSegmentsOfTheNamedSeriesAreFetched) {
  FakeSealer sealer;
  const Chunk chunk = large_chunk(sealer, 100);
  ASSERT_GT(chunk.payload.size(), 2'000'000u);
  std::size_t calls = 0;
  std::size_t bytes = 0;
  auto reader = MetricChunkReader::open(
      chunk,
      [&](std::uint32_t offset, std::uint32_t size) -> Result<std::string> {
        ++calls;
        bytes += size;
        return chunk.payload.substr(offset, size);
      },
      sealer);
  ASSERT_TRUE(reader);
  const std::vector<SeriesId> wanted = {50'000, 51'000};
  EXPECT_EQ(collect(**reader, &wanted, kBegin, kEnd).size(), 2u);
  EXPECT_LE(calls, 2u);
  EXPECT_LT(bytes, 200'000u);
  EXPECT_EQ((*reader)->bytes_read(), bytes);

  const std::vector<SeriesId> nobody = {50'001};
  bytes = 0;
  EXPECT_TRUE(collect(**reader, &nobody, kBegin, kEnd).empty());
  EXPECT_LT(bytes, 100'000u);
  bytes = 0;
  EXPECT_TRUE(collect(**reader, &wanted, Timestamp{INT64_MAX - 1}, kEnd).empty());
  EXPECT_EQ(bytes, 0u);
}

TEST(MetricChunk, AVisitMayStop) {
  FakeSealer sealer;
  const Chunk chunk = large_chunk(sealer, 10);
  auto reader = MetricChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  ASSERT_TRUE(reader);
  int visits = 0;
  ASSERT_TRUE((*reader)->read_all(kBegin, kEnd, [&](const SeriesSamples&) { return ++visits < 3; }));
  EXPECT_EQ(visits, 3);
}

TEST(MetricChunk, ALongSeriesComesInPiecesInOrder) {
  FakeSealer sealer;
  MetricChunkBuilder builder("shop", JournalId{7}, 20777);
  constexpr int kCount = 200'000;
  for (int i = 0; i < kCount; ++i) builder.add(static_cast<Sequence>(i + 1), 77, Timestamp{i}, Timestamp{i}, i);
  auto chunk = builder.finish(sealer);
  ASSERT_TRUE(chunk);
  auto reader = MetricChunkReader::open(*chunk, payload_in_memory(chunk->payload), sealer);
  ASSERT_TRUE(reader);
  int visits = 0;
  const std::vector<SeriesId> wanted = {77};
  std::int64_t next = 100;
  ASSERT_TRUE((*reader)->read(wanted, Timestamp{100}, Timestamp{kCount - 50}, [&](const SeriesSamples& piece) {
    ++visits;
    EXPECT_LE(piece.values.size(), 65536u);
    for (const std::int64_t time : piece.timestamps) EXPECT_EQ(time, next++);
    return true;
  }));
  EXPECT_EQ(next, kCount - 50);
  EXPECT_EQ(visits, 4);
  auto directory = (*reader)->directory();
  ASSERT_TRUE(directory);
  ASSERT_EQ(directory->size(), 1u);
  EXPECT_EQ(directory->front().count, static_cast<std::uint32_t>(kCount));
}

TEST(MetricChunk, EveryFlippedByteIsFound) {
  FakeSealer sealer;
  const Input input = random_input(31, sealer);
  std::mt19937_64 random(32);
  const auto open_all = [&](const Chunk& chunk) {
    auto reader = MetricChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
    if (!reader) return reader.error().code;
    auto done = (*reader)->read_all(kBegin, kEnd, [](const SeriesSamples&) { return true; });
    return done ? ErrorCode::internal : done.error().code;
  };
  for (int round = 0; round < 300; ++round) {
    Chunk bad = input.chunk;
    std::string& part = round % 2 ? bad.header : bad.payload;
    part[random() % part.size()] ^= static_cast<char>(1 << (random() % 8));
    const ErrorCode code = open_all(bad);
    EXPECT_TRUE(code == ErrorCode::corrupt || code == ErrorCode::unsupported_version) << error_name(code);
  }
  Chunk moved = input.chunk;
  moved.meta.deployment = "bank";
  EXPECT_EQ(open_all(moved), ErrorCode::corrupt);
}

}  // namespace
}  // namespace penstock::chunk
