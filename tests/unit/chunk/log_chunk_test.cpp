// A chunk of logs gives back every record, reads only what it is asked for, and says so when its bytes are not its own.
#include <gtest/gtest.h>

#include <set>

#include "chunk/log_chunk_builder.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "chunk/payload_source.hpp"
#include "random_logs.hpp"
#include "support/fake_sealer.hpp"

namespace penstock::chunk {
namespace {

using test::FakeSealer;
using test::OwnedField;
using test::OwnedLog;
using test::RandomLogOptions;
using test::RandomLogs;

constexpr std::int32_t kDay = 20777;

Chunk build(const std::vector<OwnedLog>& logs, Sealer& sealer, const WriteOptions& options = {}) {
  LogChunkBuilder builder("shop", JournalId{7}, kDay);
  for (const OwnedLog& log : logs) log.add_to(builder);
  EXPECT_EQ(builder.record_count(), logs.size());
  auto chunk = builder.finish(sealer, options);
  EXPECT_TRUE(chunk);
  EXPECT_TRUE(builder.empty());
  return *std::move(chunk);
}

std::vector<OwnedLog> read_back(const Chunk& chunk, Sealer& sealer) {
  auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  EXPECT_TRUE(reader) << reader.error().message;
  std::vector<OwnedLog> logs;
  LogRow row;
  for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
    auto group = (*reader)->read(g, ColumnSelection::everything());
    EXPECT_TRUE(group) << group.error().message;
    for (std::size_t i = 0; i < group->rows(); ++i) {
      group->row(i, row);
      logs.push_back(OwnedLog::of(row.log, row.sequence));
    }
  }
  return logs;
}

TEST(LogChunk, GivesBackEveryRecordSortedByTimeAndSequence) {
  FakeSealer sealer;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomLogs random(seed);
    auto logs = random.make(1 + random.below(1500), {});
    WriteOptions options;
    options.group_rows = static_cast<std::uint32_t>(1 + random.below(400));
    const Chunk chunk = build(logs, sealer, options);
    test::sort_logs(logs);
    ASSERT_EQ(read_back(chunk, sealer), logs) << "seed " << seed;
    EXPECT_EQ(chunk.meta.record_count, logs.size());
    EXPECT_EQ(chunk.meta.min_time.ns, logs.front().timestamp);
    EXPECT_EQ(chunk.meta.max_time.ns, logs.back().timestamp);
    EXPECT_EQ(chunk.meta.min_sequence, 1u);
    EXPECT_EQ(chunk.meta.max_sequence, logs.size());
    EXPECT_EQ(chunk.meta.payload_bytes, chunk.payload.size());
  }
}

TEST(LogChunk, KeepsHugeAndEmptyStringsAndAThousandFields) {
  FakeSealer sealer;
  std::vector<OwnedLog> logs(3);
  logs[0].sequence = 1;
  logs[1].sequence = 2;
  logs[1].timestamp = 5;
  logs[1].message.assign(3u << 20, 'x');
  logs[2].sequence = 3;
  logs[2].timestamp = 6;
  for (int i = 0; i < 1000; ++i) logs[2].fields.push_back({"name." + std::to_string(i), FieldType::integer, "", i, 0});
  std::sort(logs[2].fields.begin(), logs[2].fields.end());
  EXPECT_EQ(read_back(build(logs, sealer), sealer), logs);
}

TEST(LogChunk, ANameThatRepeatsInARecordKeepsAllItsValues) {
  FakeSealer sealer;
  OwnedLog log;
  log.sequence = 9;
  log.fields = {{"a", FieldType::string, "one", 0, 0}, {"a", FieldType::string, "two", 0, 0}, {"a", FieldType::integer, "", 3, 0}};
  std::sort(log.fields.begin(), log.fields.end());
  EXPECT_EQ(read_back(build({log, log}, sealer), sealer), (std::vector<OwnedLog>{log, log}));
}

TEST(LogChunk, ABuilderIsReusableAndForgetsWhatItWrote) {
  FakeSealer sealer;
  LogChunkBuilder builder("shop", JournalId{7}, kDay);
  RandomLogs random(3);
  for (int round = 0; round < 3; ++round) {
    auto logs = random.make(200, {});
    for (const auto& log : logs) log.add_to(builder);
    EXPECT_GT(builder.memory_bytes(), 200u * 50);
    auto chunk = builder.finish(sealer);
    ASSERT_TRUE(chunk);
    EXPECT_LT(builder.memory_bytes(), 20'000u);
    test::sort_logs(logs);
    EXPECT_EQ(read_back(*chunk, sealer), logs);
  }
}

TEST(LogChunk, RecordsStayInTheBuilderWhenTheKeyIsAway) {
  FakeSealer sealer;
  LogChunkBuilder builder("shop", JournalId{7}, kDay);
  auto logs = RandomLogs(4).make(50, {});
  for (const auto& log : logs) log.add_to(builder);
  sealer.fail_keys(true);
  auto refused = builder.finish(sealer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  sealer.fail_keys(false);
  auto chunk = builder.finish(sealer);
  ASSERT_TRUE(chunk);
  test::sort_logs(logs);
  EXPECT_EQ(read_back(*chunk, sealer), logs);
  EXPECT_TRUE(sealer.has_scope("chunk/shop/" + std::to_string(kDay)));
}

TEST(LogChunk, GroupsAreCutByBytesAndCarryTheirBounds) {
  FakeSealer sealer;
  RandomLogOptions ordered;
  ordered.ordered = true;
  auto logs = RandomLogs(5).make(3000, ordered);
  WriteOptions options;
  options.group_bytes = 20'000;
  const Chunk chunk = build(logs, sealer, options);
  auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  ASSERT_TRUE(reader);
  ASSERT_GT((*reader)->group_count(), 5u);
  std::size_t row = 0;
  for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
    const GroupInfo& info = (*reader)->group(g);
    ASSERT_EQ(info.min_time.ns, logs[row].timestamp);
    ASSERT_EQ(info.min_sequence, logs[row].sequence);
    ASSERT_EQ(info.max_time.ns, logs[row + info.rows - 1].timestamp);
    ASSERT_EQ(info.max_sequence, logs[row + info.rows - 1].sequence);
    row += info.rows;
  }
  EXPECT_EQ(row, logs.size());
}

struct Reads {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;
  PayloadReader over(const std::string& payload) {
    return [this, &payload](std::uint32_t offset, std::uint32_t size) -> Result<std::string> {
      ranges.emplace_back(offset, size);
      return payload.substr(offset, size);
    };
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const auto& range : ranges) sum += range.second;
    return sum;
  }
};

// Noise does not compress, so that columns are large enough to lie apart.
std::vector<OwnedLog> wide_logs(std::size_t count) {
  RandomLogs random(6);
  std::vector<OwnedLog> logs(count);
  for (std::size_t i = 0; i < count; ++i) {
    logs[i].timestamp = static_cast<std::int64_t>(i * 1'000'000 + random.below(1'000'000));
    logs[i].sequence = i + 1;
    for (std::string* text : {&logs[i].message, &logs[i].source}) {
      for (int c = 0; c < 40; ++c) text->push_back(static_cast<char>(random.below(256)));
    }
    std::string blob;
    for (int c = 0; c < 200; ++c) blob.push_back(static_cast<char>(random.below(256)));
    logs[i].fields = {{"blob", FieldType::string, blob, 0, 0},
                      {"number", FieldType::integer, "", static_cast<std::int64_t>(random.below(UINT64_MAX)), 0}};
  }
  return logs;
}

TEST(LogChunk, ASmallPayloadIsFetchedOnceAndWhole) {
  FakeSealer sealer;
  const Chunk chunk = build(wide_logs(100), sealer);
  ASSERT_LT(chunk.payload.size(), 64u << 10);
  Reads reads;
  auto reader = LogChunkReader::open(chunk, reads.over(chunk.payload), sealer);
  ASSERT_TRUE(reader);
  EXPECT_TRUE(reads.ranges.empty());
  auto group = (*reader)->read(0, {.timestamps = true});
  ASSERT_TRUE(group);
  ASSERT_TRUE(group->load(ColumnSelection::everything()));
  EXPECT_EQ(reads.ranges.size(), 1u);
  EXPECT_EQ(reads.bytes(), chunk.payload.size());
  EXPECT_EQ((*reader)->bytes_read(), chunk.payload.size());
}

TEST(LogChunk, OnlyTheNamedColumnsAreFetched) {
  FakeSealer sealer;
  const auto logs = wide_logs(4000);
  WriteOptions options;
  options.group_bytes = 300'000;
  const Chunk chunk = build(logs, sealer, options);
  ASSERT_GT(chunk.payload.size(), 1'000'000u);
  Reads reads;
  auto reader = LogChunkReader::open(chunk, reads.over(chunk.payload), sealer);
  ASSERT_TRUE(reader);
  ASSERT_GT((*reader)->group_count(), 2u);
  auto group = (*reader)->read(1, {.timestamps = true, .messages = true, .fields = {"number", "unknown"}});
  ASSERT_TRUE(group);
  const std::size_t rows = group->rows();
  // 8 bytes of number, 40 of message, and little for the times: nothing of the 200 bytes of blob.
  EXPECT_LT(reads.bytes(), rows * 60 + PayloadSource::kJoinGap);
  EXPECT_LE(reads.ranges.size(), 3u);
  const std::uint32_t before = (*reader)->group(0).payload_bytes;
  for (const auto& [offset, size] : reads.ranges) {
    EXPECT_GE(offset, before);
    EXPECT_LE(offset + size, before + (*reader)->group(1).payload_bytes);
  }
  EXPECT_EQ(group->message(3), logs[(*reader)->group(0).rows + 3].message);
  EXPECT_EQ(group->field("number", 3), FieldValue::of(logs[(*reader)->group(0).rows + 3].fields[1].integer));
  EXPECT_EQ(group->field("blob", 3), std::nullopt);

  const std::size_t calls = reads.ranges.size();
  ASSERT_TRUE(group->load({.timestamps = true, .messages = true, .fields = {"number"}}));
  EXPECT_EQ(reads.ranges.size(), calls) << "what is there is not fetched again";
  ASSERT_TRUE(group->load(ColumnSelection::everything()));
  LogRow row;
  group->row(3, row);
  EXPECT_EQ(OwnedLog::of(row.log, row.sequence), logs[(*reader)->group(0).rows + 3]);
}

TEST(LogChunk, AWholeGroupIsOneRead) {
  FakeSealer sealer;
  const Chunk chunk = build(wide_logs(3000), sealer);
  Reads reads;
  auto reader = LogChunkReader::open(chunk, reads.over(chunk.payload), sealer);
  ASSERT_TRUE(reader);
  ASSERT_TRUE((*reader)->read(0, ColumnSelection::everything()));
  EXPECT_EQ(reads.ranges.size(), 1u);
}

TEST(LogChunk, ErrorsOfThePayloadReaderComeThrough) {
  FakeSealer sealer;
  const Chunk chunk = build(wide_logs(10), sealer);
  auto away = LogChunkReader::open(
      chunk, [](std::uint32_t, std::uint32_t) -> Result<std::string> { return Error{ErrorCode::unavailable, "away", ""}; }, sealer);
  ASSERT_TRUE(away);
  auto group = (*away)->read(0, ColumnSelection::everything());
  ASSERT_FALSE(group);
  EXPECT_EQ(group.error().code, ErrorCode::unavailable);
  auto short_reader = LogChunkReader::open(
      chunk, [&](std::uint32_t offset, std::uint32_t size) -> Result<std::string> { return chunk.payload.substr(offset, size - 1); }, sealer);
  auto cut = (*short_reader)->read(0, ColumnSelection::everything());
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::corrupt);
}

TEST(LogChunk, TheFilterKnowsEveryWordAndEveryFieldValue) {
  FakeSealer sealer;
  OwnedLog log;
  log.sequence = 1;
  log.source = "checkout-1";
  log.message = "Card DECLINED, retrying";
  log.fields = {{"flag", FieldType::boolean, "", 1, 0},
                {"list", FieldType::json, "[\"red\",7]", 0, 0},
                {"note", FieldType::string, "customer asked for Call back", 0, 0},
                {"nothing", FieldType::null, "", 0, 0},
                {"order", FieldType::integer, "", -8841, 0},
                {"took", FieldType::real, "", 0, std::bit_cast<std::uint64_t>(12.5)}};
  const Chunk chunk = build({log}, sealer);
  auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  ASSERT_TRUE(reader);
  for (const char* word : {"card", "declined", "checkout", "1", "true", "red", "7", "CALL", "null", "8841", "12", "5"}) {
    EXPECT_TRUE((*reader)->filter().may_contain_token(word)) << word;
  }
  for (const OwnedField& field : log.fields) {
    std::string text;
    append_text(text, field.view().value);
    EXPECT_TRUE((*reader)->may_have_field(field.name, text)) << field.name;
  }
  EXPECT_TRUE((*reader)->may_have_field("source", "checkout-1"));
  EXPECT_FALSE((*reader)->may_have_field("source", "checkout-2"));
  EXPECT_FALSE((*reader)->may_have_field("order", "8841"));
  EXPECT_FALSE((*reader)->may_have_field("absent", "true"));
  EXPECT_FALSE((*reader)->filter().may_contain_token("accepted"));
  auto filter = open_filter(chunk, sealer);
  ASSERT_TRUE(filter);
  EXPECT_TRUE(filter->may_contain_token("declined"));
  EXPECT_FALSE(filter->may_contain_token("accepted"));
}

ErrorCode open_all(const Chunk& chunk, Sealer& sealer) {
  auto reader = LogChunkReader::open(chunk, payload_in_memory(chunk.payload), sealer);
  if (!reader) return reader.error().code;
  for (std::size_t g = 0; g < (*reader)->group_count(); ++g) {
    auto group = (*reader)->read(g, ColumnSelection::everything());
    if (!group) return group.error().code;
  }
  // Rows are read without the filter, which is opened for those who ask it.
  if (auto filter = open_filter(chunk, sealer); !filter) return filter.error().code;
  return ErrorCode::internal;
}

TEST(LogChunk, EveryFlippedByteIsFound) {
  FakeSealer sealer;
  RandomLogs random(8);
  const Chunk good = build(random.make(300, {}), sealer);
  for (int round = 0; round < 400; ++round) {
    Chunk bad = good;
    std::string& part = round % 3 == 0 ? bad.header : round % 3 == 1 ? bad.filter : bad.payload;
    const std::size_t at = random.below(part.size());
    part[at] = static_cast<char>(part[at] ^ (1 << random.below(8)));
    const ErrorCode code = open_all(bad, sealer);
    EXPECT_TRUE(code == ErrorCode::corrupt || code == ErrorCode::unsupported_version) << round << " " << error_name(code);
  }
  for (std::string Chunk::*part : {&Chunk::header, &Chunk::filter, &Chunk::payload}) {
    Chunk cut = good;
    (cut.*part).pop_back();
    EXPECT_EQ(open_all(cut, sealer), ErrorCode::corrupt);
  }
}

TEST(LogChunk, PartsOfAnotherChunkOrPlaceDoNotOpen) {
  FakeSealer sealer;
  const auto logs = wide_logs(50);
  const Chunk one = build(logs, sealer);
  const Chunk other = build(logs, sealer);
  ASSERT_EQ(one.payload.size(), other.payload.size());
  Chunk mixed = one;
  mixed.payload = other.payload;
  EXPECT_EQ(open_all(mixed, sealer), ErrorCode::corrupt);
  mixed = one;
  mixed.filter = other.filter;
  EXPECT_EQ(open_all(mixed, sealer), ErrorCode::corrupt);
  mixed = one;
  mixed.meta.deployment = "bank";
  EXPECT_EQ(open_all(mixed, sealer), ErrorCode::corrupt);
  mixed = one;
  mixed.meta.day += 1;
  EXPECT_EQ(open_all(mixed, sealer), ErrorCode::corrupt);
  mixed = one;
  mixed.meta.journal.value += 1;
  EXPECT_EQ(open_all(mixed, sealer), ErrorCode::corrupt);
  mixed = one;
  mixed.meta.key_id = 99;
  EXPECT_EQ(open_all(mixed, sealer), ErrorCode::key_mismatch);
}

TEST(LogChunk, ANewerFormatIsSaidToBeNewer) {
  FakeSealer sealer;
  Chunk chunk = build(wide_logs(5), sealer);
  chunk.header[3] = '3';
  EXPECT_EQ(open_all(chunk, sealer), ErrorCode::unsupported_version);
}

TEST(LogChunk, NothingPlainIsLeftOutside) {
  FakeSealer sealer;
  std::vector<OwnedLog> logs(1);
  logs[0].sequence = 1;
  logs[0].message = "canary-1f2e3d";
  logs[0].source = "canary-source";
  logs[0].fields = {{"canary.name", FieldType::string, "canary-value", 0, 0}};
  const Chunk chunk = build(logs, sealer);
  for (const std::string* part : {&chunk.header, &chunk.filter, &chunk.payload}) EXPECT_EQ(part->find("canary"), std::string::npos);
}

}  // namespace
}  // namespace penstock::chunk
