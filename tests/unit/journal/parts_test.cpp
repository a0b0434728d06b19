// The parts by which queries read the journal: all of it, and of the times that are asked for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "journal/segment_format.hpp"
#include "journal_rig.hpp"

namespace penstock::test {
namespace {

constexpr std::uint32_t kRecords = 3;

// A frame a second, in several segments.
void fill(JournalRig& rig, int frames) {
  for (int i = 0; i < frames; ++i) {
    rig.clock.advance(std::chrono::seconds(1));
    ASSERT_TRUE(rig.commit(1, 600, kRecords));
  }
}

std::vector<JournalPart> all_parts(const JournalRig& rig) {
  const Sequence end = rig.journal->durable_end();
  static_cast<void>(rig.journal->split({1, end, {}, {}, false}));
  return rig.journal->parts(1, end);
}

void expect_narrow_parts(JournalRig& rig, std::uint64_t frames) {
  const auto parts = all_parts(rig);
  ASSERT_GT(parts.size(), frames / 4) << "parts are small";
  EXPECT_EQ(parts.front().first, 1u);
  EXPECT_EQ(parts.back().end, rig.journal->durable_end());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    EXPECT_EQ(parts[i].first, parts[i - 1].end);
    EXPECT_GT(parts[i].min_time, parts[i - 1].max_time) << "each knows its own times";
  }
  EXPECT_EQ(rig.read_parts(), frames * kRecords);
}

TEST(JournalParts, CoverWhatWasWrittenInThisRunAndWhatIsFoundAfterAStart) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  fill(rig, 80);
  ASSERT_GE(rig.segment_paths().size(), 3u);
  expect_narrow_parts(rig, 80);
  rig.close();
  ASSERT_TRUE(rig.open());
  for (const auto& part : rig.journal->parts(1, rig.journal->durable_end())) EXPECT_FALSE(part.times_known) << "nobody asked yet";
  expect_narrow_parts(rig, 80);
  fill(rig, 10);
  expect_narrow_parts(rig, 90);
  rig.crash(7);
  ASSERT_TRUE(rig.open());
  expect_narrow_parts(rig, 90);
}

TEST(JournalParts, KnowTheirEarliestAndTheirLatestRecordInWhateverOrderTheyCame) {
  JournalRig rig;
  rig.options.segment_bytes = 256u << 10;  // so that a part holds several frames
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 60; ++i) {
    rig.clock.set_wall(Timestamp{FakeClock::kStart.ns + (i * 37 % 60) * kSecond});
    ASSERT_TRUE(rig.commit(1, 600, kRecords));
  }
  EXPECT_LT(all_parts(rig).size(), 30u);
  EXPECT_EQ(rig.read_parts(), 60 * kRecords);
  rig.close();
  ASSERT_TRUE(rig.open());
  EXPECT_LT(all_parts(rig).size(), 30u);
  EXPECT_EQ(rig.read_parts(), 60 * kRecords);
}

TEST(JournalParts, AreCutToWhatIsAskedFor) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  fill(rig, 40);
  const auto parts = rig.journal->parts(31, 62);
  ASSERT_FALSE(parts.empty());
  EXPECT_EQ(parts.front().first, 31u);
  EXPECT_EQ(parts.back().end, 62u);
  EXPECT_TRUE(rig.journal->parts(62, 62).empty());
  EXPECT_TRUE(rig.journal->parts(rig.journal->durable_end(), rig.journal->durable_end() + 5).empty());
}

TEST(JournalParts, OfASegmentThatCannotBeWalkedMayBeOfAnyTime) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  fill(rig, 40);
  rig.close();
  ASSERT_TRUE(rig.open());
  const auto paths = rig.segment_paths();
  const auto name = journal::parse_segment_file_name(paths[1].substr(paths[1].rfind('/') + 1));
  rig.fs.put_content(paths[1], std::string(rig.fs.content(paths[1]).size(), '\0'));
  std::size_t unknown = 0;
  for (const auto& part : all_parts(rig)) {
    EXPECT_TRUE(part.times_known) << "once is enough";
    if (part.min_time.ns != std::numeric_limits<std::int64_t>::min()) continue;
    ++unknown;
    EXPECT_EQ(part.first, name->first);
    EXPECT_EQ(part.max_time.ns, std::numeric_limits<std::int64_t>::max());
  }
  EXPECT_EQ(unknown, 1u);
  EXPECT_EQ(rig.read_parts(), rig.read_all()) << "the rest is read";
}

}  // namespace
}  // namespace penstock::test
