#include "agent/spool.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "temporary_folder.hpp"

namespace penstock::test {
namespace {

using agent::Spool;
using agent::SpooledBatch;
using agent::SpoolKind;
using agent::SpoolOptions;

class Spools : public testing::Test {
 protected:
  Spool open(std::uint64_t delivered = 0, std::size_t limit = 1 << 20, std::size_t file = 300) {
    visited.clear();
    auto spool = Spool::open({folder.path("spool"), limit, file, 1}, delivered, [this](const SpooledBatch& batch) { visited.push_back(batch.sequence); });
    EXPECT_TRUE(spool);
    return std::move(spool).value();
  }
  void put(Spool& spool, const std::string& body) { ASSERT_TRUE(spool.append(SpoolKind::logs, 2, "key-" + body, "notes", body)); }
  std::vector<std::string> drain(Spool& spool) {
    std::vector<std::string> bodies;
    while (const auto batch = spool.front()) {
      EXPECT_EQ(batch->key, "key-" + batch->body);
      bodies.push_back(batch->body);
      spool.taken(batch->sequence);
    }
    return bodies;
  }
  std::uint64_t on_disk() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path("spool"))) bytes += entry.file_size();
    return bytes;
  }
  TemporaryFolder folder;
  std::vector<std::uint64_t> visited;
};

TEST_F(Spools, GivesBatchesInOrderUntilTheyAreTaken) {
  Spool spool = open();
  EXPECT_FALSE(spool.front());
  for (const char* body : {"a", "b", "c"}) put(spool, body);
  EXPECT_EQ(spool.front()->body, "a");
  EXPECT_EQ(spool.front()->body, "a") << "not taken yet";
  EXPECT_EQ(spool.front()->records, 2u);
  EXPECT_EQ(spool.front()->notes, "notes");
  EXPECT_EQ(drain(spool), (std::vector<std::string>{"a", "b", "c"}));
  put(spool, "d");
  EXPECT_EQ(drain(spool), (std::vector<std::string>{"d"}));
  EXPECT_EQ(on_disk(), 0u) << "what was taken leaves the disk";
  EXPECT_EQ(spool.bytes(), 0u);
}

TEST_F(Spools, AfterARestartWhatWasNotTakenComesAgainInOrder) {
  {
    Spool spool = open();
    for (int i = 0; i < 20; ++i) put(spool, std::to_string(i) + std::string(50, 'x'));
    for (int i = 0; i < 5; ++i) spool.taken(spool.front()->sequence);
  }
  Spool spool = open(5);
  const auto bodies = drain(spool);
  ASSERT_EQ(bodies.size(), 15u);
  EXPECT_TRUE(bodies.front().starts_with("5x"));
  EXPECT_TRUE(bodies.back().starts_with("19x"));
  put(spool, "next");
  EXPECT_EQ(spool.front()->sequence, 21u);
}

TEST_F(Spools, ATornBatchAtEveryByteIsCutOffAndTheRestKept) {
  std::string file;
  {
    Spool spool = open(0, 1 << 20, 1 << 20);
    put(spool, "first");
    put(spool, "second");
    file = std::filesystem::directory_iterator(folder.path("spool"))->path().string();
  }
  const std::string whole = folder.read("spool/" + std::filesystem::path(file).filename().string());
  std::size_t with_one = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << whole.substr(0, size);
    Spool spool = open();
    const auto bodies = drain(spool);
    ASSERT_TRUE(bodies.empty() || bodies == std::vector<std::string>{"first"}) << size;
    with_one += bodies.size();
  }
  EXPECT_GT(with_one, 0u);
}

TEST_F(Spools, ADamagedByteNeverGivesAWrongBatch) {
  {
    Spool spool = open(0, 1 << 20, 1 << 20);
    put(spool, "first");
  }
  const std::string file = std::filesystem::directory_iterator(folder.path("spool"))->path().string();
  const std::string whole = folder.read("spool/" + std::filesystem::path(file).filename().string());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << damaged;
    Spool spool = open();
    EXPECT_FALSE(spool.front()) << at;
  }
}

TEST_F(Spools, OverTheLimitTheOldestGoesAndIsCounted) {
  Spool spool = open(0, 2'000, 300);
  for (int i = 0; i < 100; ++i) {
    put(spool, std::to_string(i) + std::string(60, 'x'));
    ASSERT_LE(spool.bytes(), 2'000u);
    ASSERT_LE(on_disk(), 2'000u);
  }
  EXPECT_GT(spool.dropped_batches(), 50u);
  EXPECT_GT(spool.dropped_bytes(), 0u);
  const auto bodies = drain(spool);
  EXPECT_EQ(bodies.size() + spool.dropped_batches(), 100u);
  EXPECT_TRUE(bodies.back().starts_with("99x")) << "the newest stays";
}

// /dev/full is a disk without room for whatever is opened there.
TEST_F(Spools, OnAFullDiskLogsAreNeverDroppedAndMetricsOnlyForMetrics) {
  const auto put_metrics = [](Spool& spool, const std::string& body) { return spool.append(SpoolKind::metrics, 1, "key-" + body, "", body); };
  const auto fill_disk_at = [&](std::uint64_t sequence) {
    std::string name = std::to_string(sequence);
    name.insert(0, 20 - name.size(), '0');
    std::filesystem::create_symlink("/dev/full", folder.path("spool/" + name + ".spool"));
  };
  const std::string text(400, 'x');  // a file each
  Spool spool = open();
  put(spool, "1" + text);
  put(spool, "2" + text);
  fill_disk_at(3);
  const auto line = spool.append(SpoolKind::logs, 2, "key", "notes", "3" + text);
  ASSERT_FALSE(line);
  EXPECT_EQ(line.error().code, ErrorCode::storage_full);
  fill_disk_at(3);
  ASSERT_FALSE(put_metrics(spool, "3" + text)) << "lines do not go for samples";
  EXPECT_EQ(spool.dropped_batches(), 0u);
  put(spool, "3" + text);
  EXPECT_EQ(drain(spool), (std::vector<std::string>{"1" + text, "2" + text, "3" + text}));
  for (const char* body : {"4", "5"}) ASSERT_TRUE(put_metrics(spool, body + text));
  fill_disk_at(6);
  EXPECT_TRUE(put_metrics(spool, "6" + text));
  EXPECT_EQ(spool.dropped_batches(), 1u) << "the oldest sample makes room";
  EXPECT_EQ(spool.front()->body, "5" + text);
}

TEST_F(Spools, ABatchDroppedWhileItIsOnItsWayIsNotTakenTwice) {
  Spool spool = open(0, 1'000, 200);
  put(spool, "first");
  const auto first = spool.front();
  for (int i = 0; i < 20; ++i) put(spool, std::to_string(i) + std::string(60, 'x'));
  spool.taken(first->sequence);
  const auto next = spool.front();
  ASSERT_TRUE(next);
  EXPECT_GT(next->sequence, first->sequence);
}

TEST_F(Spools, EveryBatchIsShownAtTheStart) {
  {
    Spool spool = open(0, 1 << 20, 1 << 20);
    for (const char* body : {"a", "b", "c"}) put(spool, body);
  }
  open(2, 1 << 20, 1 << 20);
  EXPECT_EQ(visited, (std::vector<std::uint64_t>{1, 2, 3}));
}

}  // namespace
}  // namespace penstock::test
