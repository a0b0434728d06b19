// Lines of followed files: once, in order, and whole.
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "tails.hpp"

namespace penstock::test {
namespace {

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

TEST_F(Tails, ALastLineWaitsForItsEndAsLongAsTheFileLives) {
  limits.partial_line = {};
  folder.append("a.log", "one\npart");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one"));
  for (int day = 0; day < 3; ++day) {
    pass(std::chrono::hours(24));
    EXPECT_THAT(read(set), IsEmpty());
  }
  folder.append("a.log", "ial\nlast words");
  EXPECT_THAT(read(set), ElementsAre("partial"));
  rename("a.log", "a.log.1");
  EXPECT_THAT(read(set), IsEmpty());
  pass(std::chrono::seconds(30));
  folder.append("a.log.1", " of it");
  EXPECT_THAT(read(set), IsEmpty());
  pass(std::chrono::seconds(61));
  EXPECT_THAT(read(set), ElementsAre("last words of it")) << "it is let go";
  read(set);
  EXPECT_THAT(set.places(), IsEmpty());
}

TEST_F(Tails, ALastLineIsNeverCutWithinACharacter) {
  folder.append("a.log", "one \xE2\x82");
  TailSet set = tails();
  EXPECT_THAT(read(set), IsEmpty());
  pass(std::chrono::seconds(6));
  EXPECT_THAT(read(set), ElementsAre("one "));
  folder.append("a.log", "\xAC\n");
  EXPECT_THAT(read(set), ElementsAre("\xE2\x82\xAC"));
}

TEST_F(Tails, PartsOfALineOfAContainerAreJoinedHoweverLongItIs) {
  limits.line_bytes = 64 << 10;
  limits.partial_line = {};
  const std::string head = "2026-11-20T13:33:00.123456789Z stdout ";
  const std::string part(16 << 10, 'x');
  std::string whole;
  for (int i = 0; i < 20; ++i) {
    folder.append("a.log", head + "P " + part + "\n2026-11-20T13:33:00.123456789Z stderr F other\n");
    whole += part;
  }
  TailSet set = tails();
  EXPECT_THAT(read(set), IsEmpty()) << "its end is not there yet";
  pass(std::chrono::hours(1));
  EXPECT_THAT(read(set), IsEmpty());
  EXPECT_EQ(set.places().at(0).offset, 0u) << "nothing is lost when the agent ends now";
  folder.append("a.log", head + "F end\n" + head + "F next\n");
  const std::vector<std::string> lines = read(set);
  ASSERT_EQ(lines.size(), 22u);
  EXPECT_EQ(lines.at(0), "other");
  EXPECT_TRUE(lines.at(20) == whole + "end");
  EXPECT_EQ(lines.at(21), "next");
}

TEST_F(Tails, LinesThatBelongTogetherWaitASecondForOthersAndComeTogetherAfterARestart) {
  limits.line_bytes = 1 << 10;
  limits.lines.multiline = agent::Multiline::traces;
  folder.append("a.log", "one\ntwo\n\tat x\n");
  TailSet set = tails();
  EXPECT_THAT(read(set), ElementsAre("one"));
  const std::string saved = agent::format_places(set.places());
  folder.append("a.log", "\tat y\n");
  EXPECT_THAT(read(set), IsEmpty());
  pass(std::chrono::seconds(2));
  EXPECT_THAT(read(set), ElementsAre("two\n\tat x\n\tat y"));
  TailSet again = tails(agent::parse_places(saved));
  EXPECT_THAT(read(again), IsEmpty());
  folder.append("a.log", "three\n");
  EXPECT_THAT(read(again), ElementsAre("two\n\tat x\n\tat y"));
}

TEST_F(Tails, ALineWithoutEndDoesNotHoldUpTheLinesBeforeIt) {
  limits.line_bytes = 1 << 10;
  limits.partial_line = {};
  limits.lines.multiline = agent::Multiline::traces;
  folder.append("a.log", "one\n\tat x\nhalf");
  TailSet set = tails();
  EXPECT_THAT(read(set), IsEmpty());
  pass(std::chrono::seconds(2));
  EXPECT_THAT(read(set), ElementsAre("one\n\tat x"));
  pass(std::chrono::hours(1));
  EXPECT_THAT(read(set), IsEmpty());
  folder.append("a.log", " a line\n");
  read(set);
  pass(std::chrono::seconds(2));
  EXPECT_THAT(read(set), ElementsAre("half a line"));
}

TEST_F(Tails, JsonIsNotCutAtTheLengthOfText) {
  const std::string object = "{\"message\":\"" + std::string(200'000, 'x') + "\"}";
  folder.append("a.log", object + "\n");
  TailSet set = tails();
  const std::vector<std::string> lines = read(set);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines.at(0) == object);
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
  const auto take_one = [&](const std::string&, const std::vector<agent::LogLine>& found) {
    if (lines.size() % 2 == 1) {
      lines.emplace_back("-");
      return false;
    }
    for (const agent::LogLine& line : found) lines.push_back(line.text);
    return true;
  };
  set.look(now);
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
