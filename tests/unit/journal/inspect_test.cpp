// What operators are told of a journal's files: exact damage, records as they were sent, and nothing changed by looking.
#include "journal/inspect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "journal/record_text.hpp"
#include "journal/walk.hpp"
#include "journal_rig.hpp"

namespace penstock::test {
namespace {

constexpr std::uint32_t kInBatch = 3;
constexpr std::uint64_t kInJournal = 40 * kInBatch;

struct InspectRig : JournalRig {
  explicit InspectRig(bool in_order = true) {
    options.keep_consumed_bytes = 1u << 30;
    options.compress = false;
    EXPECT_TRUE(open());
    for (int i = 0; i < 40; ++i) EXPECT_TRUE(commit(1, 1200, kInBatch));
    if (in_order) {
      close();
    } else {
      crash(7);
    }
    EXPECT_GE(segment_paths().size(), 3u);
  }

  journal::JournalReport inspect() {
    auto report = journal::inspect(fs, kDirectory, &sealer);
    EXPECT_TRUE(report);
    return *report;
  }

  void edit(const std::string& path, const std::function<void(std::string&)>& change) {
    std::string bytes = fs.content(path);
    change(bytes);
    fs.put_content(path, bytes);
  }

  // Records seen and lost by a walk.
  std::pair<std::uint64_t, std::uint64_t> walk(Sequence from = 1, Sequence to = UINT64_MAX) {
    std::uint64_t seen = 0, lost = 0;
    journal::Visitor visitor;
    visitor.frame = [&](const journal::WalkedFrame& walked) -> Result<void> {
      seen += walked.frame.count;
      return {};
    };
    visitor.lost = [&](Sequence a, Sequence b) { lost += b - a; };
    EXPECT_TRUE(journal::walk(fs, kDirectory, sealer, from, to, visitor));
    return {seen, lost};
  }
};

// Offset of the n-th frame with records, and its size.
std::pair<std::size_t, std::size_t> frame_at(InspectRig& rig, const std::string& path, int n) {
  const auto name = journal::parse_segment_file_name(path.substr(path.rfind('/') + 1));
  const std::string bytes = rig.fs.content(path);
  for (std::size_t at = journal::kSegmentHeaderBytes;;) {
    const auto header = journal::decode_frame_header(std::string_view(bytes).substr(at), {name->id, at});
    EXPECT_TRUE(header);
    const auto size = static_cast<std::size_t>(journal::frame_bytes(header->payload_bytes));
    if (n-- == 0) return {at, size};
    at += size;
  }
}

TEST(JournalInspection, AGoodJournalHasNoDamageAndClosedSegments) {
  InspectRig rig;
  const auto report = rig.inspect();
  EXPECT_TRUE(report.damage.empty());
  EXPECT_EQ(report.records, kInJournal);
  EXPECT_EQ(report.durable_end, 1 + kInJournal);
  EXPECT_GT(report.journal.value, 0);
  for (const auto& segment : report.segments) {
    EXPECT_TRUE(segment.closed) << segment.file;
    EXPECT_LE(segment.min_time, segment.max_time);
  }
  EXPECT_EQ(rig.walk(), std::pair(kInJournal, std::uint64_t{0}));
}

TEST(JournalInspection, TheBytesAndRecordsOfADamagedPayloadAreExact) {
  InspectRig rig;
  const auto path = rig.segment_paths().at(1);
  const auto [offset, size] = frame_at(rig, path, 1);
  rig.edit(path, [at = offset](std::string& b) { b[at + journal::kFrameHeaderBytes + 5] ^= 1; });
  const auto report = rig.inspect();
  ASSERT_EQ(report.damage.size(), 1u);
  EXPECT_EQ(report.damage[0].file, path);
  EXPECT_EQ(report.damage[0].offset, offset);
  EXPECT_EQ(report.damage[0].bytes, size);
  EXPECT_EQ(report.damage[0].to - report.damage[0].from, kInBatch);
  EXPECT_EQ(report.lost_records, kInBatch);
  EXPECT_EQ(report.records, kInJournal - kInBatch);
  EXPECT_EQ(rig.walk(), std::pair(kInJournal - kInBatch, std::uint64_t{kInBatch}));
}

TEST(JournalInspection, ZeroedFramesAreToldWholeThoughNothingIsLeftOfThem) {
  InspectRig rig;
  const auto path = rig.segment_paths().at(1);
  const auto [offset, size] = frame_at(rig, path, 1);
  rig.edit(path, [at = offset, n = size](std::string& b) { b.replace(at, n, n, '\0'); });
  const auto report = rig.inspect();
  ASSERT_EQ(report.damage.size(), 1u);
  EXPECT_EQ(report.damage[0].offset, offset);
  EXPECT_EQ(report.damage[0].bytes, size);
  EXPECT_EQ(report.lost_records, kInBatch);
}

TEST(JournalInspection, ADamagedSegmentHeaderIsToldAndLosesNothing) {
  InspectRig rig;
  const auto path = rig.segment_paths().at(0);
  rig.edit(path, [](std::string& b) { b[20] ^= 1; });
  const auto report = rig.inspect();
  ASSERT_EQ(report.damage.size(), 1u);
  EXPECT_EQ(report.damage[0].offset, 0u);
  EXPECT_EQ(report.damage[0].from, report.damage[0].to);
  EXPECT_EQ(report.records, kInJournal);
  EXPECT_GT(report.journal.value, 0) << "another header tells it";
}

TEST(JournalInspection, AMissingSegmentIsCountedByItsRecords) {
  InspectRig rig;
  const auto paths = rig.segment_paths();
  const auto whole = rig.inspect();
  ASSERT_TRUE(rig.fs.remove(paths.at(1)));
  const auto report = rig.inspect();
  EXPECT_EQ(report.lost_records, whole.segments.at(1).records);
  EXPECT_EQ(rig.walk().second, whole.segments.at(1).records);
}

TEST(JournalInspection, ATornEndIsNeitherDamageNorLoss) {
  InspectRig rig(false);
  const auto path = rig.segment_paths().back();
  const auto before = rig.inspect();
  ASSERT_FALSE(before.segments.back().closed);
  const auto frames = static_cast<int>(before.segments.back().frames);
  const auto [offset, size] = frame_at(rig, path, frames - 1);
  rig.edit(path, [at = offset, n = size](std::string& b) { b[at + n - 20] ^= 1; });
  const auto report = rig.inspect();
  EXPECT_TRUE(report.damage.empty());
  EXPECT_EQ(report.torn_bytes, size);
  EXPECT_EQ(report.records, before.records - kInBatch);
  EXPECT_EQ(rig.walk(), std::pair(before.records - kInBatch, std::uint64_t{0}));
}

TEST(JournalInspection, LookingChangesNothing) {
  InspectRig rig(false);
  std::map<std::string, std::string> before, after;
  const auto read = [&](std::map<std::string, std::string>& into) {
    const auto files = rig.fs.list(JournalRig::kDirectory);
    for (const auto& file : *files) into[file] = rig.fs.content(std::string(JournalRig::kDirectory) + "/" + file);
  };
  read(before);
  (void)rig.inspect();
  (void)rig.walk();
  read(after);
  EXPECT_EQ(before, after);
}

TEST(JournalInspection, AJournalThatIsOpenIsReadToItsNewestFrame) {
  InspectRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit(1, 1200, kInBatch));
  const auto report = rig.inspect();
  EXPECT_TRUE(report.damage.empty());
  EXPECT_EQ(report.records, kInJournal + kInBatch);
  EXPECT_EQ(rig.walk().first, kInJournal + kInBatch);
}

TEST(JournalInspection, AWalkTakesOnlyTheFramesOfItsRange) {
  InspectRig rig;
  EXPECT_EQ(rig.walk(4, 10).first, 6u);
  EXPECT_EQ(rig.walk(5, 9).first, 6u) << "frames are whole";
  EXPECT_EQ(rig.walk(1 + kInJournal).first, 0u);
}

TEST(JournalInspection, ADumpHasAsManyRecordsAsAsked) {
  BatchWriter writer;
  for (int i = 0; i < 5; ++i) writer.add(LogView{Timestamp{i * kSecond}, {}, "shop", "pi", Severity::warn, "text", {}});
  Frame frame;
  frame.first = 10;
  frame.count = 5;
  frame.batches.push_back({10, 5, writer.take()});
  journal::FrameHeader header;
  header.first = 10;
  header.count = 5;
  header.batches = 1;
  std::string out;
  std::uint64_t records = 2;
  ASSERT_TRUE(journal::append_dump(out, {"/j/a.segment", 64, header, frame}, 12, records));
  EXPECT_EQ(records, 0u);
  EXPECT_THAT(out, testing::StartsWith("frame 10..14  1 batches"));
  EXPECT_THAT(out, testing::HasSubstr("a.segment at 64\n  batch 10..14"));
  EXPECT_THAT(out, testing::HasSubstr("    12 log {"));
  EXPECT_THAT(out, testing::HasSubstr("    13 log {"));
  EXPECT_THAT(out, testing::Not(testing::HasSubstr("    11 log")));
  EXPECT_THAT(out, testing::Not(testing::HasSubstr("    14 log")));
}

TEST(JournalInspection, RecordsAreSpelledAsTheyAreSent) {
  const FieldView fields[] = {{"order.id", FieldValue::of(std::int64_t{8841})}, {"gift", FieldValue::of(true)},
                              {"tags", FieldValue::of_json("[1,\"a\"]")}};
  const LabelView labels[] = {{"room", "attic"}};
  const SampleView samples[] = {{"cpu.usage", 12.5}, {"ram.used", 412311552}};
  BatchWriter writer;
  writer.add(LogView{Timestamp{1'500'000'000}, Timestamp{9}, "shop", "a\"b", Severity::warn, "line\nbreak", fields});
  writer.add(LogView{Timestamp{0}, {}, "d", "s", Severity::info, "", {}});
  writer.add(PointView{Timestamp{kSecond}, {}, "shop", "pi", labels, samples});
  writer.add(PointView{Timestamp{kSecond}, {}, "shop", "pi", {}, std::span(samples).first(1)});
  const std::string batch = writer.take();
  BatchReader reader(batch);
  RecordView record;
  std::vector<std::string> lines;
  while (reader.next(record)) journal::append_sendable(lines.emplace_back(), record);
  EXPECT_THAT(lines, testing::ElementsAre(
      R"({"timestamp":"1970-01-01T00:00:01.500Z","deployment":"shop","source":"a\"b","severity":"WARN","message":"line\nbreak",)"
      R"("fields":{"order.id":8841,"gift":true,"tags":[1,"a"]}})",
      R"({"timestamp":"1970-01-01T00:00:00Z","deployment":"d","source":"s","severity":"INFO","message":""})",
      R"({"timestamp":"1970-01-01T00:00:01Z","deployment":"shop","source":"pi","labels":{"room":"attic"},)"
      R"("metrics":{"cpu.usage":12.5,"ram.used":412311552}})",
      R"({"timestamp":"1970-01-01T00:00:01Z","deployment":"shop","source":"pi","metrics":{"cpu.usage":12.5}})"));
}

}  // namespace
}  // namespace penstock::test
