#include <gtest/gtest.h>

#include "journal/cursor_file.hpp"
#include "support/sim_file_system.hpp"

namespace penstock::test {
namespace {

constexpr JournalId kJournal{77};
const std::string kPath = "/cursors/archive";

TEST(CursorFile, KeepsTheLastStoredPosition) {
  SimFileSystem fs;
  auto cursor = journal::CursorFile::open(fs, kPath, kJournal, 5);
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->position(), 5u);
  for (Sequence s = 10; s < 20; ++s) ASSERT_TRUE(cursor->store(s));
  const auto again = journal::CursorFile::open(fs, kPath, kJournal, 5);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->position(), 19u);
}

TEST(CursorFile, OfAnotherJournalStartsAnew) {
  SimFileSystem fs;
  ASSERT_TRUE(journal::CursorFile::open(fs, kPath, JournalId{1}, 500));
  const auto cursor = journal::CursorFile::open(fs, kPath, kJournal, 5);
  ASSERT_TRUE(cursor);
  EXPECT_EQ(cursor->position(), 5u);
}

TEST(CursorFile, NeverGoesBackBehindAStoredPositionWhateverThePowerDoes) {
  for (std::uint64_t at = 1; at < 40; ++at) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      SimFileSystem fs;
      Sequence stored = 0, tried = 0;
      fs.cut_power_at(at);
      if (auto cursor = journal::CursorFile::open(fs, kPath, kJournal, 1)) {
        stored = 1;
        for (Sequence s = 2; s < 12; ++s) {
          tried = s;
          if (cursor->store(s)) stored = s;
        }
      }
      fs.crash(seed);
      const auto cursor = journal::CursorFile::open(fs, kPath, kJournal, 0);
      ASSERT_TRUE(cursor) << "cut at " << at << " seed " << seed;
      ASSERT_GE(cursor->position(), stored) << "cut at " << at << " seed " << seed;
      ASSERT_LE(cursor->position(), std::max<Sequence>(tried, 1)) << "cut at " << at << " seed " << seed;
    }
  }
}

TEST(CursorFile, IsMadeAnewAfterAFailedSyncAndNeverSyncedAgain) {
  for (std::uint64_t nth = 1; nth < 6; ++nth) {
    SimFileSystem fs;
    auto cursor = journal::CursorFile::open(fs, kPath, kJournal, 1);
    ASSERT_TRUE(cursor);
    fs.fail(FileOp::sync, nth, FileFailure::io_error);
    int failures = 0;
    for (Sequence s = 2; s < 12; ++s) failures += !cursor->store(s);
    EXPECT_EQ(failures, 1);
    EXPECT_TRUE(fs.violations().empty());
    fs.crash(nth);
    const auto again = journal::CursorFile::open(fs, kPath, kJournal, 0);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->position(), 11u);
  }
}

TEST(CursorFile, OneRottenSlotLeavesTheOther) {
  SimFileSystem fs;
  {
    auto cursor = journal::CursorFile::open(fs, kPath, kJournal, 1);
    ASSERT_TRUE(cursor && cursor->store(10) && cursor->store(20));
  }
  for (const std::size_t slot : {0u, 4096u}) {
    std::string bytes = fs.content(kPath);
    const std::string good = bytes;
    bytes[slot + 24] = static_cast<char>(bytes[slot + 24] ^ 1);
    fs.put_content(kPath, bytes);
    const auto cursor = journal::CursorFile::open(fs, kPath, kJournal, 1);
    ASSERT_TRUE(cursor);
    EXPECT_TRUE(cursor->position() == 10 || cursor->position() == 20);
    fs.put_content(kPath, good);
  }
}

}  // namespace
}  // namespace penstock::test
