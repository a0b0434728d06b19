#include "journal/id_file.hpp"

#include <gtest/gtest.h>

#include "journal/cursor_file.hpp"
#include "support/sim_file_system.hpp"

namespace penstock::test {
namespace {

using journal::read_id_file;
using journal::write_id_file;

constexpr JournalId kOne{0x1234'5678'9abc'def1}, kTwo{77};

TEST(IdFile, SaysWhatWasWrittenLastAndNothingBefore) {
  SimFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/j"));
  EXPECT_FALSE(read_id_file(fs, "/j"));
  ASSERT_TRUE(write_id_file(fs, "/j", kOne));
  EXPECT_EQ(read_id_file(fs, "/j")->value, kOne.value);
  ASSERT_TRUE(write_id_file(fs, "/j", kTwo));
  EXPECT_EQ(read_id_file(fs, "/j")->value, kTwo.value);
}

TEST(IdFile, TheFileOfEarlierBuildsIsReadAndTakenOver) {
  SimFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/j"));
  ASSERT_TRUE(journal::CursorFile::open(fs, "/j/identity", JournalId{0}, static_cast<Sequence>(kOne.value)));
  EXPECT_EQ(read_id_file(fs, "/j")->value, kOne.value);
  ASSERT_TRUE(write_id_file(fs, "/j", kOne));
  EXPECT_FALSE(fs.exists("/j/identity"));
  EXPECT_EQ(read_id_file(fs, "/j")->value, kOne.value);
}

TEST(IdFile, AnyChangedByteIsNoticed) {
  SimFileSystem fs;
  ASSERT_TRUE(fs.make_directories("/j"));
  ASSERT_TRUE(write_id_file(fs, "/j", kOne));
  const std::string whole = fs.content("/j/journal-id");
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string rotten = whole;
    rotten[i] = static_cast<char>(rotten[i] ^ 0x10);
    fs.put_content("/j/journal-id", rotten);
    EXPECT_FALSE(read_id_file(fs, "/j")) << i;
    fs.put_content("/j/journal-id", whole.substr(0, i));
    EXPECT_FALSE(read_id_file(fs, "/j")) << i;
  }
}

TEST(IdFile, APowerCutAtAnyPlaceLeavesTheOldIdOrTheNewOne) {
  for (int cut = 1;; ++cut) {
    SimFileSystem fs;
    ASSERT_TRUE(fs.make_directories("/j"));
    ASSERT_TRUE(write_id_file(fs, "/j", kOne));
    fs.cut_power_at(static_cast<std::uint64_t>(cut));
    const bool written = write_id_file(fs, "/j", kTwo).has_value();
    fs.crash(static_cast<std::uint64_t>(cut));
    const auto read = read_id_file(fs, "/j");
    ASSERT_TRUE(read) << cut;
    EXPECT_TRUE(read->value == kTwo.value || (read->value == kOne.value && !written)) << cut;
    if (written) break;
  }
}

}  // namespace
}  // namespace penstock::test
