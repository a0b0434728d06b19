#include "sinks/store/maintenance.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "chunk/log_chunk_builder.hpp"
#include "chunk/log_chunk_reader.hpp"
#include "sink_test_tools.hpp"
#include "stored_records.hpp"
#include "support/patience.hpp"

namespace penstock::sinks::test {
namespace {

constexpr JournalId kOwn{7}, kOther{8};

class MaintenanceTest : public ::testing::Test {
 protected:
  MaintenanceTest() {
    options.settle_deletion = std::chrono::seconds(60);
    options.policy.min_inputs = 8;
    matcher = [](const Deletion& d) -> Result<DeletedRow> {
      const std::string word = d.filter_json;
      if (word.empty()) return DeletedRow();
      return DeletedRow([word](const LogView& log) { return log.message.find(word) != std::string_view::npos; });
    };
  }
  Maintenance housekeeping() {
    return Maintenance(options, store, store, sealer, clock, metrics, [this] { return rules; }, matcher);
  }
  // A chunk of logs with these messages, one second apart, sequences from `first`.
  void put(const std::vector<std::string>& messages, Sequence first, JournalId journal = kOwn,
           Timestamp received = kNow) {
    chunk::LogChunkBuilder builder("shop", journal, day_of(kNow));
    for (std::size_t i = 0; i < messages.size(); ++i) {
      LogView log = log_of(messages[i], "shop", Timestamp{kNow.ns + static_cast<std::int64_t>(i) * kSecond});
      log.received_at = received;
      builder.add(log, first + i);
    }
    auto made = builder.finish(sealer);
    ASSERT_TRUE(made);
    store.put(*std::move(made));
  }
  Deletion remove(const std::string& word, Sequence before) {
    auto added = store.add_deletion({0, "shop", Timestamp{kNow.ns}, Timestamp{kNow.ns + kMinute}, word, kOwn, before,
                                     clock.now()});
    return *added;
  }
  void work_off(Maintenance& maintenance) {
    for (int i = 0; i < 100; ++i) {
      auto more = maintenance.rewrite_once();
      ASSERT_TRUE(more);
      if (!*more) return;
    }
    FAIL() << "rewriting does not come to an end";
  }

  MaintenanceOptions options;
  FakeClock clock;
  FakeChunkStore store;
  PlainSealer sealer;
  metrics::Registry metrics;
  std::vector<RetentionRule> rules;
  DeletionMatcher matcher;
};

TEST_F(MaintenanceTest, SmallChunksAreMergedWithoutLosingARecord) {
  std::vector<std::string> expected;
  for (Sequence i = 0; i < 8; ++i) {
    put({"a" + std::to_string(i), "b" + std::to_string(i)}, 1 + 2 * i);
    expected.push_back("a" + std::to_string(i));
    expected.push_back("b" + std::to_string(i));
  }
  auto maintenance = housekeeping();
  EXPECT_TRUE(*maintenance.compact_once());
  EXPECT_FALSE(*maintenance.compact_once());
  ASSERT_EQ(store.all_chunks().size(), 1u);
  EXPECT_EQ(store.all_chunks()[0].meta.level, 1u);
  EXPECT_EQ(stored_messages(store, sealer), expected);
}

TEST_F(MaintenanceTest, ADamagedChunkIsLeftAloneAndHoldsNobodyUp) {
  for (Sequence i = 0; i < 8; ++i) put({"a"}, 1 + i);
  Chunk damaged = store.all_chunks()[0];
  damaged.payload.back() = static_cast<char>(damaged.payload.back() ^ 1);
  FakeChunkStore other;
  for (const auto& chunk : store.all_chunks()) other.put(chunk.meta.id == damaged.meta.id ? damaged : chunk);
  Maintenance maintenance(options, other, other, sealer, clock, metrics, [] { return Result<std::vector<RetentionRule>>(std::vector<RetentionRule>()); },
                          matcher);
  EXPECT_TRUE(*maintenance.compact_once());
  EXPECT_FALSE(*maintenance.compact_once());
  EXPECT_EQ(other.all_chunks().size(), 8u);
}

// Flips a bit of one chunk in the store.
enum class Part { filter, payload };
void damage(FakeChunkStore& store, ChunkId id, Part part) {
  for (Chunk chunk : store.all_chunks()) {
    if (chunk.meta.id != id) continue;
    std::string& bytes = part == Part::filter ? chunk.filter : chunk.payload;
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    store.replace_bytes(chunk);
  }
}

TEST_F(MaintenanceTest, OfManyChunksOnlyTheDamagedOneIsNotMerged) {
  for (Sequence i = 0; i < 9; ++i) put({"a"}, 1 + i);
  damage(store, 3, Part::payload);
  auto maintenance = housekeeping();
  while (*maintenance.compact_once()) continue;
  EXPECT_EQ(store.all_chunks().size(), 2u);
  EXPECT_EQ(metrics.counter("penstock_damaged_chunks_total", "", {{"found_by", "housekeeping"}, {"part", "content"}}).value(), 1u);
}

TEST_F(MaintenanceTest, MergingMakesADamagedFilterGoodAgain) {
  for (Sequence i = 0; i < 8; ++i) put({"word" + std::to_string(i)}, 1 + i);
  damage(store, 3, Part::filter);
  auto maintenance = housekeeping();
  EXPECT_TRUE(*maintenance.compact_once());
  ASSERT_EQ(store.all_chunks().size(), 1u);
  EXPECT_TRUE(chunk::open_filter(store.all_chunks()[0], sealer)->may_contain_token("word2"));
}

TEST_F(MaintenanceTest, ADeletionStaysOpenAsLongAsADamagedChunkMayHoldItsRecords) {
  put({"drop 1", "keep 1"}, 1);
  put({"drop 2", "keep 2"}, 3);
  damage(store, 1, Part::payload);
  remove("drop", 10);
  store.set_cursor(kOwn, 10);
  clock.advance(std::chrono::hours(2));
  auto maintenance = housekeeping();
  work_off(maintenance);
  ASSERT_EQ(store.open_deletions()->size(), 1u);
  ASSERT_EQ(store.all_chunks().size(), 2u) << "damaged means kept";
  EXPECT_EQ(metrics.value("penstock_deletions_held"), 1.0);
  EXPECT_EQ(maintenance.deletions().open, 1u);
  EXPECT_EQ(maintenance.deletions().held, 1u);
  const Chunk rewritten = store.all_chunks()[1];
  EXPECT_EQ(rewritten.meta.record_count, 1u) << "it holds up nobody else";
  damage(store, 1, Part::payload);  // the same bit: as it was written
  auto restarted = housekeeping();
  work_off(restarted);
  EXPECT_TRUE(store.open_deletions()->empty());
  EXPECT_EQ(stored_messages(store, sealer), (std::vector<std::string>{"keep 1", "keep 2"}));
}

TEST_F(MaintenanceTest, AChunkWhollyInsideOfADeletionWithoutFiltersGoesThoughNobodyCanReadIt) {
  put({"a", "b"}, 1);
  put({"c"}, 20);
  damage(store, 1, Part::payload);
  remove("", 10);
  store.set_cursor(kOwn, 30);
  clock.advance(std::chrono::hours(2));
  auto maintenance = housekeeping();
  work_off(maintenance);
  EXPECT_TRUE(store.open_deletions()->empty());
  EXPECT_EQ(stored_messages(store, sealer), (std::vector<std::string>{"c"}));
}

TEST_F(MaintenanceTest, ADeletionTakesWhatItSaysAndNothingElse) {
  put({"keep 1", "drop 1", "keep 2"}, 1);
  put({"keep 3", "keep 4"}, 4);
  put({"drop 2", "drop 3"}, 9);  // the second is newer than the deletion
  remove("drop", 10);
  auto maintenance = housekeeping();
  work_off(maintenance);
  EXPECT_EQ(stored_messages(store, sealer),
            (std::vector<std::string>{"keep 1", "keep 2", "keep 3", "keep 4", "drop 3"}));
}

TEST_F(MaintenanceTest, OfOtherServersRecordsTheTimeOfArrivalDecides) {
  put({"drop 1"}, 500, kOther, Timestamp{kNow.ns - kHour});
  put({"drop 2"}, 600, kOther, Timestamp{kNow.ns + kHour});
  remove("drop", 10);
  auto maintenance = housekeeping();
  work_off(maintenance);
  EXPECT_EQ(stored_messages(store, sealer), (std::vector<std::string>{"drop 2"}));
}

TEST_F(MaintenanceTest, ADeletionIsClosedOnlyWhenTheCursorHasPassedItAndSomeTimeWent) {
  remove("drop", 10);
  store.set_cursor(kOwn, 9);
  auto maintenance = housekeeping();
  work_off(maintenance);
  clock.advance(std::chrono::hours(2));
  work_off(maintenance);
  EXPECT_EQ(store.open_deletions()->size(), 1u) << "records below 10 may still come";
  put({"drop late"}, 9);
  store.set_cursor(kOwn, 10);
  work_off(maintenance);
  EXPECT_TRUE(store.open_deletions()->empty());
  EXPECT_TRUE(store.all_chunks().empty());
}

TEST_F(MaintenanceTest, ADeletionThatCannotBeUnderstoodStaysOpen) {
  put({"drop 1"}, 1);
  remove("drop", 10);
  matcher = [](const Deletion&) -> Result<DeletedRow> { return Error{ErrorCode::invalid_query, "what?", ""}; };
  auto maintenance = housekeeping();
  work_off(maintenance);
  EXPECT_EQ(store.open_deletions()->size(), 1u);
  EXPECT_EQ(store.all_chunks().size(), 1u);
}

TEST_F(MaintenanceTest, RetentionDropsWhatTheRulesSay) {
  put({"old"}, 1);
  rules = {{"", std::nullopt, kHour, 0}};
  auto maintenance = housekeeping();
  EXPECT_EQ(maintenance.retain_once()->chunks, 0u);
  clock.advance(std::chrono::hours(2));
  EXPECT_EQ(maintenance.retain_once()->chunks, 1u);
  EXPECT_TRUE(store.all_chunks().empty());
}

TEST_F(MaintenanceTest, TheThreadDoesAllOfItAndStops) {
  options.reclaim_bytes = 1;
  for (Sequence i = 0; i < 8; ++i) put({"keep " + std::to_string(i), "drop"}, 1 + 2 * i);
  remove("drop", 100);
  auto maintenance = housekeeping();
  maintenance.start();
  const auto deadline = std::chrono::steady_clock::now() + penstock::test::kPatience;
  while (store.all_chunks().size() > 1 || stored_messages(store, sealer).size() > 8) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << store.all_chunks().size() << " chunks are left";
    clock.advance(std::chrono::seconds(1));
    maintenance.wake();
    std::this_thread::yield();
  }
  maintenance.stop();
  EXPECT_EQ(stored_messages(store, sealer).size(), 8u);
  EXPECT_EQ(store.freed_bytes(), 0u) << "what a job frees is given back before the next one";
}

}  // namespace
}  // namespace penstock::sinks::test
