// What an agent keeps on disk: over kills, restarts, outages and damage.
#include <filesystem>
#include <map>
#include <thread>

#include "agents.hpp"

namespace penstock::test {
namespace {

TEST_F(Agents, KilledAtAnyPointNoLineIsLostOrStoredTwice) {
  std::vector<std::string> expected;
  for (int round = 0; round < 40; ++round) {
    start();
    for (int i = 0; i < 3; ++i) {
      expected.push_back(std::to_string(round) + "." + std::to_string(i));
      folder.append("a.log", expected.back() + "\n");
    }
    if (round % 7 == 3) std::filesystem::rename(folder.path("a.log"), folder.path("a.log.1"));
    // A different point of death in every round.
    if (round % 2 == 0) collect();
    if (round % 3 == 0) transport.set_down(true);
    if (round % 5 != 0) {
      clock.advance(std::chrono::seconds(2));
      agent->deliver();
    }
    transport.set_down(false);
    kill();
  }
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), expected);
}

TEST_F(Agents, AStateThatWasNotWrittenIsReadBackFromTheSpool) {
  folder.append("a.log", "one\n");
  start();
  collect();
  const std::string before = folder.read("state/state");
  folder.append("a.log", "two\n");
  collect();
  kill();
  folder.write("state/state", before);
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one", "two"}));
}

TEST_F(Agents, OnlyTheVeryFirstStartBeginsAtTheEndsOfFiles) {
  AgentOptions from_now = options();
  from_now.from_start = false;
  folder.append("old.log", "old\n");
  start(from_now);
  kill();  // before it looked at anything
  start(from_now);
  collect();
  kill();
  folder.append("old.log", "later\n");
  std::filesystem::rename(folder.path("old.log"), folder.path("old.1.log"));
  folder.append("old.log", "in its place\n");
  folder.append("new.log", "new\n");
  start(from_now);
  collect();
  deliver();
  EXPECT_THAT(messages(transport.stored), testing::UnorderedElementsAre("later", "in its place", "new"));
}

TEST_F(Agents, AfterAFirstLookThatFoundNoFileAllIsNews) {
  AgentOptions from_now = options();
  from_now.from_start = false;
  start(from_now);
  agent->collect();
  kill();
  folder.append("new.log", "new\n");
  start(from_now);
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"new"}));
}

TEST_F(Agents, ALargeStateIsReadWhole) {
  folder.append("a.log", "one\n");
  start();
  collect();
  kill();
  const std::string state = folder.read("state/state");
  const std::size_t places = state.find('\n') + 1;
  std::string larger = state.substr(0, places);
  for (int i = 0; i < 20'000; ++i) larger += "1 " + std::to_string(1'000'000'000 + i) + " 7 0 0 /nowhere/" + std::string(80, 'x') + "/a.log\n";
  // As an older agent wrote it, without its check.
  larger += state.substr(state.find('\n', places) + 1);
  ASSERT_GT(larger.size(), 2u << 20);
  folder.write("state/state", larger);
  folder.append("a.log", "two\n");
  start();
  collect();
  deliver();
  EXPECT_EQ(messages(transport.stored), (std::vector<std::string>{"one", "two"}));
}

TEST_F(Agents, AStateThatCannotBeWholeIsRefused) {
  std::filesystem::create_directories(folder.path("state"));
  folder.write("state/state", "");
  std::filesystem::resize_file(folder.path("state/state"), (256u << 20) + 1);
  Agent one(options(), transport, clock);
  const auto opened = one.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::too_large);
}

TEST_F(Agents, ADamagedStateIsSaidAndKeptAside) {
  folder.append("a.log", "one\n");
  start();
  collect();
  deliver();
  kill();
  const std::string state = folder.read("state/state");
  std::string other = state;
  other.back() = 'x';
  for (const std::string& bad : {std::string(), std::string("rubbish\n"), state.substr(0, state.size() / 2), state.substr(0, state.size() - 1), other}) {
    folder.write("state/state", bad);
    testing::internal::CaptureStderr();
    start();
    kill();
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_THAT(said, testing::HasSubstr(folder.path("state/state"))) << bad;
    EXPECT_THAT(said, testing::HasSubstr("damaged")) << bad;
    EXPECT_EQ(folder.read("state/state.bad"), bad);
    std::filesystem::remove(folder.path("state/state.bad"));
  }
  folder.write("state/state", state);
  start();
  EXPECT_FALSE(std::filesystem::exists(folder.path("state/state.bad")));
}

// Else a file that is read faster than it can be sent, or that grows while the server is away, would push its own beginning out of the buffer.
TEST_F(Agents, FilesKeepTheirLinesWhileTheBufferIsHalfFull) {
  AgentOptions small = options();
  small.buffer_bytes = 512 << 10;
  small.batch_bytes = 16 << 10;
  start(small);
  transport.set_down(true);
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    std::string text;
    for (int line = 0; line < 100; ++line) {
      expected.push_back(std::to_string(i * 100 + line) + std::string(150, 'x'));
      text += expected.back() + "\n";
    }
    if (i == 50) rename(folder.path("a.log").c_str(), folder.path("a.log.1").c_str());
    folder.append("a.log", text);
    collect();
    ASSERT_LE(agent->stats().spooled_bytes, 300u << 10);
  }
  transport.set_down(false);
  for (int i = 0; i < 100 && agent->stats().sent_records < expected.size(); ++i) {
    deliver();
    collect();
  }
  EXPECT_EQ(messages(transport.stored), expected);
  EXPECT_EQ(agent->stats().dropped_batches, 0u);
}

TEST_F(Agents, FilesThatAreDeletedWhileTheirLinesWaitTakeNoMoreDiskThanTheBuffer) {
  AgentOptions small = options();
  small.buffer_bytes = 512 << 10;
  start(small);
  transport.set_down(true);
  const std::string line(1'000, 'x');
  const auto file = [&](const std::string& name, int lines) {
    for (int i = 0; i < lines; ++i) folder.append(name, name + line + "\n");
  };
  file("a.log", 400);
  collect();
  for (const auto& [name, lines] : {std::pair("b.log", 1'000), std::pair("c.log", 100)}) {
    file(name, lines);
    collect();
    std::filesystem::remove(folder.path(name));
    collect();
  }
  transport.set_down(false);
  for (int i = 0; i < 10; ++i) {
    deliver();
    collect();
  }
  std::map<char, int> found;
  for (const std::string& message : messages(transport.stored)) ++found[message.front()];
  EXPECT_EQ(found, (std::map<char, int>{{'a', 400}, {'c', 100}})) << "b takes more than the buffer may";
}

TEST_F(Agents, TheModeOfAFolderThatWasThereStays) {
  using std::filesystem::perms;
  std::filesystem::create_directory(folder.path("there"));
  std::filesystem::permissions(folder.path("there"), perms::all);
  AgentOptions there = options();
  there.state_dir = folder.path("there");
  start(there);
  EXPECT_EQ(std::filesystem::status(folder.path("there")).permissions(), perms::all);
  EXPECT_EQ(std::filesystem::status(folder.path("there/spool")).permissions(), perms::owner_all);
  EXPECT_EQ(std::filesystem::status(folder.path("there/state")).permissions(), perms::owner_read | perms::owner_write);
  start();
  EXPECT_EQ(std::filesystem::status(folder.path("state")).permissions(), perms::owner_all);
}

TEST_F(Agents, TwoAgentsOnOneStateDirectoryAreRefused) {
  start();
  Agent second(options(), transport, clock);
  const auto opened = second.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::conflict);
}

}  // namespace
}  // namespace penstock::test
