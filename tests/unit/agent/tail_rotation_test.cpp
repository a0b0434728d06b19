// Files that are rotated, copied, cut off, packed and found again, with the kernel telling what changes and without.
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include "agent/rotation.hpp"
#include "tails.hpp"

namespace penstock::test {
namespace {

int open_descriptors_below(const std::string& folder) {
  int many = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string file = std::filesystem::read_symlink(entry.path(), gone).string();
    if (file.starts_with(folder + "/")) ++many;
  }
  return many;
}

// The same with the kernel telling what changes and without.
class TailsEitherWay : public Tails, public testing::WithParamInterface<bool> {
 protected:
  TailOptions following(std::initializer_list<const char*> globs) {
    TailOptions options;
    for (const char* glob : globs) options.globs.push_back(folder.path(glob));
    options.from_start = true;
    options.limits = {.line_bytes = 64, .partial_line = std::chrono::seconds(5)};
    options.watch = GetParam();
    return options;
  }
  // Many bytes, so that a copy can be known by them.
  std::string long_lines(const std::string& name, int from, int to) {
    std::string text;
    for (int i = from; i < to; ++i) text += name + " line number " + std::to_string(i) + "\n";
    return text;
  }
  std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
};
INSTANTIATE_TEST_SUITE_P(, TailsEitherWay, testing::Values(true, false), [](const auto& one) { return one.param ? "Watched" : "Polled"; });

TEST_P(TailsEitherWay, FilesThatComeGrowAndGoAreSeen) {
  TailSet set(following({"*.log"}), {});
  EXPECT_THAT(read(set), IsEmpty());
  folder.append("a.log", "one\n");
  folder.append("a.txt", "not asked for\n");
  EXPECT_THAT(read(set), ElementsAre("one"));
  folder.append("a.log", "two\n");
  EXPECT_THAT(read(set), ElementsAre("two"));
  std::filesystem::remove(folder.path("a.log"));
  folder.append("a.log", "three\n");
  EXPECT_THAT(read(set), ElementsAre("three"));
}

TEST_P(TailsEitherWay, TwoRotationsWithinOneLookLoseNothing) {
  for (const char* second : {"a.log.2", "a.log-20261127"}) {
    folder.append("a.log", "one\n");
    TailSet set(following({"*.log"}), {});
    EXPECT_THAT(read(set), ElementsAre("one"));
    folder.append("a.log", "two\n");
    rename("a.log", second);
    folder.append("a.log", "three\n");
    rename("a.log", "a.log.1");
    folder.append("a.log", "four\n");
    EXPECT_THAT(read(set), ElementsAre("two", "three", "four"));
    EXPECT_THAT(read(set), IsEmpty());
    for (const char* name : {"a.log", "a.log.1", second}) std::filesystem::remove(folder.path(name));
  }
}

TEST_P(TailsEitherWay, TwoRotationsWhileTheAgentWasAwayLoseNothing) {
  folder.append("a.log.1", "read long ago\n");
  folder.append("a.log", "one\n");
  const std::string saved = places_after_reading();
  folder.append("a.log", "two\n");
  rename("a.log.1", "a.log.3");
  rename("a.log", "a.log.2");
  folder.append("a.log", "three\n");
  rename("a.log", "a.log.1");
  folder.append("a.log", "four\n");
  // As files are that were written on different days.
  std::filesystem::last_write_time(folder.path("a.log.3"), std::filesystem::file_time_type::clock::now() - std::chrono::hours(24));
  TailSet set(following({"*.log"}), agent::parse_places(saved));
  EXPECT_THAT(read(set), ElementsAre("two", "three", "four"));
}

TEST_P(TailsEitherWay, WhatLiesBesideARotatedFileAndIsNoneOfItsOwnIsLeftAlone) {
  TailSet set(following({"web-1.log"}), {});
  folder.append("web-1.log", "one\n");
  EXPECT_THAT(read(set), ElementsAre("one"));
  rename("web-1.log", "web-1.log.1");
  for (const char* other : {"web-2.log", "web.log.1", "web-1.log.conf", "web-10.log", "web-1.log.d1x/"}) {
    if (std::string_view(other).ends_with('/')) {
      std::filesystem::create_directory(folder.path(other));
    } else {
      folder.append(other, "not asked for\n");
    }
  }
  folder.append("web-1.log", "two\n");
  EXPECT_THAT(read(set), ElementsAre("two"));
}

TEST_P(TailsEitherWay, ACopyThatTheGlobMatchesIsReadOnlyFromWhereItsOriginalWasReadTo) {
  TailSet set(following({"*.log*"}), {});
  folder.append("a.log", long_lines("a", 0, 40));
  EXPECT_EQ(read(set).size(), 40u);
  folder.append("a.log", "written before the copying\n");
  std::filesystem::copy_file(folder.path("a.log"), folder.path("a.log.1"));
  std::filesystem::resize_file(folder.path("a.log"), 0);
  folder.append("a.log", "after it\n");
  EXPECT_THAT(read(set), ElementsAre("written before the copying", "after it"));
  EXPECT_THAT(read(set), IsEmpty());
}

TEST_P(TailsEitherWay, OfACopyThatNoGlobMatchesTheLinesAreReadThatTheOriginalHadLeft) {
  TailSet set(following({"*.log"}), {});
  folder.append("a.log", "short\n");
  EXPECT_THAT(read(set), ElementsAre("short"));
  folder.append("a.log", "written before the copying\n");
  std::filesystem::copy_file(folder.path("a.log"), folder.path("a.log.1"));
  std::filesystem::resize_file(folder.path("a.log"), 0);
  folder.append("a.log", "x\n");
  EXPECT_THAT(read(set), ElementsAre("written before the copying", "x"));
}

TEST_P(TailsEitherWay, ACopyInTheMakingIsWaitedFor) {
  TailSet set(following({"*.log*"}), {});
  const std::string text = long_lines("a", 0, 40);
  folder.append("a.log", text);
  EXPECT_EQ(read(set).size(), 40u);
  for (const std::size_t part : {std::size_t{100}, std::size_t{400}}) {
    folder.write("a.log.1", text.substr(0, part));
    EXPECT_THAT(read(set), IsEmpty()) << part;
  }
  folder.write("a.log.1", text + "behind it\n");
  std::filesystem::resize_file(folder.path("a.log"), 0);
  EXPECT_THAT(read(set), ElementsAre("behind it"));
}

TEST_P(TailsEitherWay, ACopyMadeWhileTheAgentWasAwayIsNotReadTwice) {
  folder.append("a.log", long_lines("a", 0, 40));
  const std::string saved = places_after_reading();
  folder.append("a.log", "last words\n");
  std::filesystem::copy_file(folder.path("a.log"), folder.path("a.log.1"));
  std::filesystem::resize_file(folder.path("a.log"), 0);
  folder.append("a.log", "new\n");
  TailSet set(following({"*.log*"}), agent::parse_places(saved));
  EXPECT_THAT(read(set), testing::UnorderedElementsAre("last words", "new"));
}

TEST_P(TailsEitherWay, FilesThatOnlyBeginAlikeAreReadWhole) {
  const std::string head = long_lines("the same banner", 0, 20);
  folder.append("a.log", head + "a\n");
  folder.append("a.log.1", head + "b\n");
  TailSet set(following({"*.log*"}), {});
  std::vector<std::string> expected = lines_of(head + head);
  expected.insert(expected.end(), {"a", "b"});
  EXPECT_THAT(read(set), testing::UnorderedElementsAreArray(expected));
  folder.append("b.log", "started\n");
  EXPECT_THAT(read(set), ElementsAre("started"));
  folder.append("b.log.1", "started\n");
  pass(std::chrono::seconds(60));
  EXPECT_THAT(read(set), ElementsAre("started")) << "a few bytes prove nothing";
}

TEST_P(TailsEitherWay, PackedFilesAreLeftOutAndSaidSoOnce) {
  using namespace std::string_literals;
  folder.write("a.log.1.gz", "\x1f\x8b\x08\0\0\0\0\0\0\x03line\n"s);
  folder.write("a.log.2", "\x28\xb5\x2f\xfd line\nline\n");
  folder.write("BZhoney.log", "BZhoney is text\n");
  TailSet set(following({"*.log*"}), {});
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(read(set), i == 0 ? std::vector<std::string>{"BZhoney is text"} : std::vector<std::string>{});
    folder.append("a.log.1.gz", "more\n");
    pass(std::chrono::seconds(10));
  }
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, testing::HasSubstr("packed_with=gzip"));
  EXPECT_THAT(said, testing::HasSubstr("packed_with=zstd"));
  EXPECT_EQ(said.find("gzip"), said.rfind("gzip"));
}

TEST_P(TailsEitherWay, HolesAndRunsOfNulAreLeftOutAndCounted) {
  TailSet set(following({"*.log"}), {});
  folder.append("a.log", "one\n");
  EXPECT_THAT(read(set), ElementsAre("one"));
  // A writer that does not append goes on at its own place after the file was cut off.
  std::filesystem::resize_file(folder.path("a.log"), 0);
  std::filesystem::resize_file(folder.path("a.log"), 300 << 20);
  folder.append("a.log", "two\n");
  EXPECT_THAT(read(set), ElementsAre("two"));
  EXPECT_EQ(set.skipped_bytes(), std::uint64_t{300} << 20);
  // As a power cut leaves it.
  const std::string one_nul("a\0b", 3);
  folder.append("a.log", "half a li" + std::string(100, '\0') + "three\n" + std::string(70'000, '\0') + "four\n" + one_nul + "\n");
  EXPECT_THAT(read(set), ElementsAre("half a li", "three", "four", one_nul));
}

TEST_P(TailsEitherWay, NulsAtTheEndAreWaitedForSinceTheirWriterMayFillThem) {
  TailSet set(following({"*.log"}), {});
  folder.append("a.log", "one\ntw" + std::string(200'000, '\0'));
  EXPECT_THAT(read(set), ElementsAre("one"));
  const std::string more = "two\nthree\n";
  std::fstream file(folder.path("a.log"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4);
  file << more << std::flush;
  EXPECT_THAT(read(set), ElementsAre("two", "three"));
  EXPECT_EQ(set.skipped_bytes(), 0u);
}

TEST_P(TailsEitherWay, WithFewDescriptorsFilesTakeTurnsAndNothingIsLost) {
  TailOptions few = following({"*.log"});
  few.most_open = 3;
  TailSet set(few, {});
  std::multiset<std::string> expected, found;
  const auto take = [&] {
    for (std::string& line : read(set)) found.insert(std::move(line));
  };
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 40; ++i) {
      const std::string name = std::to_string(i) + ".log", line = name + " " + std::to_string(round);
      folder.append(name, line + "\n");
      expected.insert(line);
      if (round == 3 && i % 3 == 0) rename(name, name + ".1");
    }
    take();
    EXPECT_LE(open_descriptors_below(folder.path()), 3);
  }
  std::vector<std::string> lost, invented;
  std::set_difference(expected.begin(), expected.end(), found.begin(), found.end(), std::back_inserter(lost));
  std::set_difference(found.begin(), found.end(), expected.begin(), expected.end(), std::back_inserter(invented));
  EXPECT_THAT(lost, IsEmpty());
  EXPECT_THAT(invented, IsEmpty());
}

TEST_P(TailsEitherWay, ABusyFileDoesNotKeepTheOthersFromBeingRead) {
  folder.append("a.log", long_lines("busy", 0, 20'000));
  folder.append("b.log", "quiet\n");
  TailSet set(following({"*.log"}), {});
  set.look(now);
  int lines = 0;
  bool quiet = false;
  for (int batch = 0; batch < 3 && !quiet; ++batch) {
    lines = 0;
    set.read(now, [&](const std::string&, const std::vector<agent::LogLine>& found) {
      quiet = quiet || found.front().text == "quiet";
      return ++lines <= 100;
    });
  }
  EXPECT_TRUE(quiet);
}

TEST_P(TailsEitherWay, FoldersBelowAreFollowedAlsoWhenTheyComeLater) {
  std::filesystem::create_directories(folder.path("x/y"));
  folder.append("top.log", "top\n");
  folder.append("x/y/deep.log", "deep\n");
  TailSet set(following({"**/*.log"}), {});
  EXPECT_THAT(read(set), testing::UnorderedElementsAre("top", "deep"));
  std::filesystem::create_directories(folder.path("new/.hidden"));
  EXPECT_THAT(read(set), IsEmpty());
  folder.append("new/later.log", "later\n");
  folder.append("new/.hidden/secret.log", "hidden\n");
  EXPECT_THAT(read(set), ElementsAre("later"));
}

TEST_P(TailsEitherWay, AFileBehindALinkIsFollowedToWhereTheLinkLeads) {
  std::filesystem::create_directories(folder.path("pods"));
  folder.append("pods/0", "one\n");
  std::filesystem::create_symlink(folder.path("pods/0"), folder.path("a.log"));
  TailSet set(following({"*.log"}), {});
  EXPECT_THAT(read(set), ElementsAre("one"));
  folder.append("pods/0", "two\n");
  EXPECT_THAT(read(set), ElementsAre("two"));
  folder.append("pods/1", "three\n");
  std::filesystem::remove(folder.path("a.log"));
  std::filesystem::create_symlink(folder.path("pods/1"), folder.path("a.log"));
  EXPECT_THAT(read(set), ElementsAre("three"));
}

TEST_F(Tails, APatternThatMatchesNothingOrNoOrdinaryFileIsSaid) {
  std::filesystem::create_directory(folder.path("folder"));
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  TailOptions options;
  options.say_unmatched = true;
  for (const char* glob : {"*.log", "nothing*", "folder", "pipe"}) options.globs.push_back(folder.path(glob));
  folder.append("a.log", "one\n");
  testing::internal::CaptureStderr();
  TailSet set(options, {});
  read(set);
  read(set);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, testing::Not(testing::HasSubstr("*.log reason")));
  EXPECT_THAT(said, testing::HasSubstr("nothing* reason=\"no such file"));
  EXPECT_THAT(said, testing::HasSubstr("folder is a folder"));
  EXPECT_THAT(said, testing::HasSubstr("pipe is no ordinary file"));
  EXPECT_EQ(said.find("no such file"), said.rfind("no such file"));
}

TEST(FilePattern, MatchesAsTheShellDoes) {
  using agent::FilePattern;
  const auto matches = [](const char* pattern, const char* path) { return FilePattern(pattern).matches(path); };
  EXPECT_TRUE(matches("/var/log/*.log", "/var/log/a.log"));
  EXPECT_FALSE(matches("/var/log/*.log", "/var/log/x/a.log"));
  EXPECT_FALSE(matches("/var/log/*.log", "/var/log/.a.log"));
  EXPECT_TRUE(matches("/var/**/*.log", "/var/a.log"));
  EXPECT_TRUE(matches("/var/**/*.log", "/var/x/y/a.log"));
  EXPECT_FALSE(matches("/var/**/*.log", "/var/x/.y/a.log"));
  EXPECT_TRUE(matches("/var/**", "/var/x/y"));
  EXPECT_FALSE(matches("/var/**", "/usr/x"));
  EXPECT_TRUE(matches("logs/[ab]?.log", "logs/a1.log"));
  EXPECT_FALSE(matches("logs/*", "/logs/a"));
}

TEST(Rotation, NamesAreKnownForWhatTheyWere) {
  const auto rotated = [](const char* name, const char* from) { return agent::is_rotated_name(name, from); };
  for (const char* name : {"app.log.1", "app.log.2.gz", "app.log-20261128", "app-2026-11-28.log", "app-2026-11-28T10-00-00.000.log", "app.2026-11-28.0.log",
                           "app.log.old", "app.log~", "app_20261128.log", "app.log.2026-11-28-1.zst"}) {
    EXPECT_TRUE(rotated(name, "app.log")) << name;
  }
  for (const char* name : {"app.log", "app.1.log", "app-2.log", "application.log.1", "app.log.conf", "my-app.log.1", "app.logs"}) {
    EXPECT_FALSE(rotated(name, "app.log")) << name;
  }
  EXPECT_TRUE(rotated("syslog.1", "syslog"));
  EXPECT_FALSE(rotated("syslog", "syslog"));
}

}  // namespace
}  // namespace penstock::test
