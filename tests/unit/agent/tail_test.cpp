#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "agent/tail_set.hpp"
#include "temporary_folder.hpp"

namespace penstock::test {
namespace {

using agent::TailOptions;
using agent::TailPlace;
using agent::TailSet;
using testing::ElementsAre;
using testing::IsEmpty;
using Time = std::chrono::steady_clock::time_point;

class Tails : public testing::Test {
 protected:
  TailSet tails(std::vector<TailPlace> known = {}, bool from_start = true) {
    TailOptions options;
    options.globs = {folder.path("*.log")};
    options.from_start = from_start;
    options.limits = {16, std::chrono::seconds(5)};
    return {options, std::move(known)};
  }
  // What an agent leaves that has read what there is.
  std::string places_after_reading() {
    TailSet set = tails();
    read(set);
    return agent::format_places(set.places());
  }
  std::vector<std::string> read(TailSet& set) {
    std::vector<std::string> lines;
    for (int round = 0; round < 100; ++round) {
      if (!set.read(now, [&](const std::string&, std::string_view line) {
            lines.emplace_back(line);
            return true;
          })) {
        return lines;
      }
    }
    ADD_FAILURE() << "does not come to an end";
    return lines;
  }
  void pass(std::chrono::seconds time) { now += time; }
  void rename(const std::string& from, const std::string& to) { std::filesystem::rename(folder.path(from), folder.path(to)); }

  TemporaryFolder folder;
  Time now{std::chrono::seconds(1'000)};
};

TEST_F(Tails, LinesComeOnceAndInOrder) {
  folder.append("a.log", "one\ntwo\r\n\nthree\n");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one", "two", "three"));
  EXPECT_THAT(read(set), IsEmpty());
  folder.append("a.log", "four\n");
  EXPECT_THAT(read(set), ElementsAre("four"));
}

TEST_F(Tails, AFileThatMayNotBeReadIsSaidSoOnceAndReadWhenItMay) {
  folder.append("a.log", "one\n");
  std::filesystem::permissions(folder.path("a.log"), std::filesystem::perms::none);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const uid_t me = ::geteuid();
  if (me == 0) {  // root may read everything
    ASSERT_EQ(::seteuid(65'534), 0);
  }
  TailSet set = tails();
  testing::internal::CaptureStderr();
  for (int look = 0; look < 3; ++look) EXPECT_THAT(read(set), IsEmpty());
  const std::string said = testing::internal::GetCapturedStderr();
  ASSERT_EQ(::seteuid(me), 0);
  const auto first = said.find("cannot be read");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(said.rfind("cannot be read"), first) << said;
  std::filesystem::permissions(folder.path("a.log"), std::filesystem::perms::owner_read);
  EXPECT_THAT(read(set), ElementsAre("one"));
}

TEST_F(Tails, FilesThatWereThereStartAtTheirEndAndNewOnesAtTheirStart) {
  folder.append("a.log", "old\n");
  TailSet set = tails({}, false);
  EXPECT_THAT(read(set), IsEmpty());
  folder.append("a.log", "new\n");
  folder.append("b.log", "first\n");
  EXPECT_THAT(read(set), testing::UnorderedElementsAre("new", "first"));
}

TEST_F(Tails, ALastLineWaitsForItsEndOrForTime) {
  folder.append("a.log", "one\npart");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one"));
  pass(std::chrono::seconds(4));
  folder.append("a.log", "ial");
  EXPECT_THAT(read(set), IsEmpty());
  pass(std::chrono::seconds(4));
  EXPECT_THAT(read(set), IsEmpty()) << "it grew four seconds ago";
  folder.append("a.log", " line\nlost");
  EXPECT_THAT(read(set), ElementsAre("partial line"));
  pass(std::chrono::seconds(5));
  EXPECT_THAT(read(set), ElementsAre("lost"));
  folder.append("a.log", " end\n");
  EXPECT_THAT(read(set), ElementsAre(" end"));
}

TEST_F(Tails, LongLinesAreSplitBetweenCharacters) {
  folder.append("a.log", "0123456789abcdefXYZ\n012345678901234\xC3\xA9tail\n0123456789abcdef\n");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("0123456789abcdef", "XYZ", "012345678901234", "\xC3\xA9tail", "0123456789abcdef"));
}

TEST_F(Tails, RenameAndCreateLosesNothing) {
  folder.append("a.log", "one\n");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one"));
  folder.append("a.log", "two\n");
  rename("a.log", "a.log.1");
  folder.append("a.log", "three\n");
  EXPECT_THAT(read(set), ElementsAre("two", "three"));
  // Its writer has not reopened yet.
  folder.append("a.log.1", "late\n");
  EXPECT_THAT(read(set), ElementsAre("late"));
  pass(std::chrono::seconds(59));
  folder.append("a.log.1", "quiet writer\n");
  EXPECT_THAT(read(set), ElementsAre("quiet writer"));
  pass(std::chrono::seconds(61));
  read(set);
  EXPECT_EQ(set.places().size(), 1u) << "the rotated file is let go";
}

TEST_F(Tails, RotatedFilesThatAreHeldOpenAreBounded) {
  TailOptions options;
  options.globs = {folder.path("*.log")};
  options.from_start = true;
  options.most_rotated = 3;
  TailSet set(options, {});
  for (int i = 0; i < 10; ++i) {
    folder.append("a.log", std::to_string(i) + "\n");
    EXPECT_THAT(read(set), ElementsAre(std::to_string(i)));
    rename("a.log", "a.log." + std::to_string(i));
    pass(std::chrono::seconds(1));
  }
  read(set);
  EXPECT_EQ(set.places().size(), 3u);
  folder.append("a.log.9", "late\n");
  EXPECT_THAT(read(set), ElementsAre("late")) << "the newest are those that are held";
}

TEST_F(Tails, AFileThatMayNotBeReadAfterARestartKeepsItsPlace) {
  folder.append("a.log", "one\n");
  const std::string saved = places_after_reading();
  folder.append("a.log", "two\n");
  std::filesystem::permissions(folder.path("a.log"), std::filesystem::perms::none);
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const uid_t me = ::geteuid();
  if (me == 0) {  // root may read everything
    ASSERT_EQ(::seteuid(65'534), 0);
  }
  TailSet set = tails(agent::parse_places(saved));
  EXPECT_THAT(read(set), IsEmpty());
  ASSERT_EQ(::seteuid(me), 0);
  std::filesystem::permissions(folder.path("a.log"), std::filesystem::perms::owner_read);
  EXPECT_THAT(read(set), ElementsAre("two"));
}

TEST_F(Tails, ARotatedFileThatTheGlobStillMatchesIsNotReadTwice) {
  folder.append("a.log", "one\n");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one"));
  rename("a.log", "a.1.log");
  folder.append("a.log", "two\n");
  EXPECT_THAT(read(set), ElementsAre("two"));
  pass(std::chrono::seconds(60));
  EXPECT_THAT(read(set), IsEmpty());
  EXPECT_THAT(read(set), IsEmpty());
}

TEST_F(Tails, CopyTruncateStartsAnew) {
  folder.append("a.log", "one\ntwo\n");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one", "two"));
  std::filesystem::resize_file(folder.path("a.log"), 0);
  folder.append("a.log", "three\n");
  EXPECT_THAT(read(set), ElementsAre("three"));
}

TEST_F(Tails, AFileCutOffAndFilledPastThePlaceIsNoticed) {
  folder.append("a.log", "one\ntwo\n");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one", "two"));
  folder.write("a.log", "other\nlines\nand more\n");
  EXPECT_THAT(read(set), ElementsAre("other", "lines", "and more"));
}

TEST_F(Tails, PlacesSurviveARestart) {
  folder.append("a.log", "one\npart");
  folder.append("b.log", "b one\n");
  const std::string saved = places_after_reading();
  folder.append("a.log", "ial\ntwo\n");
  folder.append("c.log", "new\n");
  TailSet set = tails(agent::parse_places(saved));
  EXPECT_THAT(read(set), ElementsAre("partial", "two", "new"));
}

TEST_F(Tails, AFileRotatedWhileTheAgentWasAwayIsReadToItsEnd) {
  folder.append("a.log", "one\n");
  const std::string saved = places_after_reading();
  folder.append("a.log", "two\n");
  rename("a.log", "a.log.1");
  folder.append("a.log", "three\n");
  TailSet set = tails(agent::parse_places(saved));
  EXPECT_THAT(read(set), ElementsAre("two", "three"));
}

TEST_F(Tails, ALineThatIsNotTakenComesAgain) {
  folder.append("a.log", "one\ntwo\nthree\n");
  TailSet set = tails();
  std::vector<std::string> lines;
  const auto take_one = [&](const std::string&, std::string_view line) {
    if (lines.size() % 2 == 1) {
      lines.emplace_back("-");
      return false;
    }
    lines.emplace_back(line);
    return true;
  };
  EXPECT_TRUE(set.read(now, take_one));
  EXPECT_TRUE(set.read(now, take_one));
  EXPECT_FALSE(set.read(now, take_one));
  EXPECT_THAT(lines, ElementsAre("one", "-", "two", "-", "three"));
}

TEST_F(Tails, PlacesAreReadBackAndBadLinesLeftOut) {
  const std::vector<TailPlace> places{{"/var/log/a b.log", 1, 2, 3, 4, 5}};
  const std::string text = agent::format_places(places);
  const auto back = agent::parse_places("rubbish\n1 2 x\n" + text + "1 2 3 4 5 \n1 2 3 999 5 /x\n");
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(agent::format_places(back), text);
}

}  // namespace
}  // namespace penstock::test
