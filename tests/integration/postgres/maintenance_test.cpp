#include <map>
#include <string>

#include "server_fixture.hpp"

namespace penstock::postgres::test {
namespace {

constexpr std::int32_t kToday = 20'777;  // of kNow

class StoreMaintenanceTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    ASSERT_EQ(day_of(kNow), kToday);
    store = std::make_unique<PgChunkStore>(store_options(), metrics);
    ASSERT_EQ(*store->load_cursor(kJournal), 1u);
  }
  void put(std::vector<Chunk> chunks) {
    auto done = store->commit(commit_of(next, next + 1, std::move(chunks)));
    ASSERT_TRUE(done) << done.error().message;
    ++next;
  }
  std::vector<Chunk> many(int count, std::int32_t day = kToday, const std::string& payload = "payload",
                          const std::string& deployment = "shop") {
    std::vector<Chunk> chunks;
    for (int i = 0; i < count; ++i) {
      chunks.push_back(chunk_of(deployment, day, 1 + 10 * static_cast<Sequence>(i), 10, payload));
    }
    return chunks;
  }
  RetentionReport retain(std::vector<RetentionRule> rules) {
    auto report = store->apply_retention(rules, kNow);
    EXPECT_TRUE(report) << report.error().message;
    return report ? *report : RetentionReport{};
  }

  std::unique_ptr<PgChunkStore> store;
  CompactionPolicy policy;
  Sequence next = 1;
};

TEST_F(StoreMaintenanceTest, SmallChunksOfOneKindAndDayMakeAJobAndAreReplaced) {
  put(many(5));
  put(many(20, kToday - 1));
  put({chunk_of("shop", kToday - 1, 1, 1, std::string(4u << 20, 'x'))});
  auto job = store->next_compaction(policy);
  ASSERT_TRUE(job) << job.error().message;
  ASSERT_TRUE(*job);
  EXPECT_EQ((*job)->inputs().size(), 20u);
  EXPECT_EQ((*job)->inputs()[3].payload, "payload");
  EXPECT_EQ(store->next_compaction(policy).error().code, ErrorCode::overloaded) << "one job at a time";
  Chunk merged = chunk_of("shop", kToday - 1, 1, 200, "merged");
  merged.meta.level = 1;
  auto done = (*job)->replace({merged});
  ASSERT_TRUE(done) << done.error().message;
  job->reset();
  EXPECT_EQ(stored(*store).size(), 5u + 1 + 1);
  auto none = store->next_compaction(policy);
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none) << "five are too few, the large one is large enough";
}

TEST_F(StoreMaintenanceTest, AJobThatIsGivenUpChangesNothing) {
  put(many(8));
  { ASSERT_TRUE(store->next_compaction(policy).value() != nullptr); }
  EXPECT_EQ(stored(*store).size(), 8u);
  EXPECT_TRUE(store->next_compaction(policy).value() != nullptr) << "it is found again";
}

TEST_F(StoreMaintenanceTest, TwoServersDoNotTakeTheSameChunks) {
  put(many(8));
  PgChunkStore other(store_options(), metrics);
  auto mine = store->next_compaction(policy);
  ASSERT_TRUE(mine && *mine);
  auto theirs = other.next_compaction(policy);
  ASSERT_TRUE(theirs) << theirs.error().message;
  EXPECT_FALSE(*theirs);
  auto deletion = other.add_deletion({0, "shop", Timestamp{0}, Timestamp{kNow.ns + kDay}, "{}", kJournal, 1000, kNow});
  EXPECT_EQ(other.next_rewrite(*deletion, policy, {}).error().code, ErrorCode::overloaded) << "not: nothing is left";
}

TEST_F(StoreMaintenanceTest, AJobTakesNoMoreBytesThanAllowed) {
  put(many(30, kToday, std::string(100'000, 'x')));
  policy.max_input_bytes = 1'000'000;
  auto job = store->next_compaction(policy);
  ASSERT_TRUE(job && *job);
  EXPECT_EQ((*job)->inputs().size(), 10u);
}

TEST_F(StoreMaintenanceTest, ChunksStoredLaterAreFoundToo) {
  EXPECT_FALSE(store->next_compaction(policy).value() != nullptr);
  put(many(8));
  EXPECT_TRUE(store->next_compaction(policy).value() != nullptr);
}

TEST_F(StoreMaintenanceTest, ADeletionIsWorkedOffChunkByChunkAndThenClosed) {
  put(many(3));
  put(many(1, kToday - 5));
  put({chunk_of("other", kToday, 1, 10, "x")});
  auto deletion = store->add_deletion({0, "shop", Timestamp{kToday * kDay}, Timestamp{kToday * kDay + kDay},
                                       "{\"q\":\"x\"}", kJournal, 20, kNow});
  ASSERT_TRUE(deletion);
  EXPECT_GT(deletion->id, 0);
  auto open = store->open_deletions();
  ASSERT_EQ(open->size(), 1u);
  EXPECT_EQ((*open)[0].filter_json, "{\"q\":\"x\"}");
  EXPECT_EQ((*open)[0].before, 20u);
  EXPECT_EQ(store->snapshot().value()->deletions({"shop"})->size(), 1u);
  EXPECT_EQ(store->snapshot().value()->deletions({"other"})->size(), 0u);
  // Sequences 1-10 and 11-20 may hold records below 20; 21-30 may not, nor may other days and deployments.
  int jobs = 0;
  while (true) {
    auto job = store->next_rewrite(*deletion, policy, {});
    ASSERT_TRUE(job) << job.error().message;
    if (!*job) break;
    ASSERT_EQ((*job)->inputs().size(), 1u);
    Chunk output = (*job)->inputs()[0];
    if (++jobs == 1) {
      ASSERT_TRUE((*job)->keep_inputs());
    } else {
      output.payload = "rewritten";
      ASSERT_TRUE((*job)->replace({output}));
    }
  }
  EXPECT_EQ(jobs, 2);
  EXPECT_EQ(stored(*store).size(), 5u);
  ASSERT_TRUE(store->close_deletion(deletion->id));
  EXPECT_TRUE(store->open_deletions()->empty());
  EXPECT_TRUE(store->snapshot().value()->deletions({})->empty());
}

TEST_F(StoreMaintenanceTest, MergingRemembersWhatWasRewrittenInAllInputs) {
  put(many(8));
  policy.min_inputs = 2;
  auto first = store->add_deletion({0, "shop", Timestamp{0}, Timestamp{kNow.ns + kDay}, "{}", kJournal, 1000, kNow});
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(store->next_rewrite(*first, policy, {}).value()->keep_inputs());
  auto second = store->add_deletion({0, "shop", Timestamp{0}, Timestamp{kNow.ns + kDay}, "{}", kJournal, 1000, kNow});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->next_rewrite(*second, policy, {}).value()->keep_inputs());
  {
    auto job = store->next_compaction(policy);
    ASSERT_TRUE(job && *job);
    ASSERT_TRUE((*job)->replace({chunk_of("shop", kToday, 1, 80, "merged")}));
  }
  EXPECT_FALSE(store->next_rewrite(*first, policy, {}).value() != nullptr);
  EXPECT_TRUE(store->next_rewrite(*second, policy, {}).value() != nullptr) << "five inputs still held its records";
}

TEST_F(StoreMaintenanceTest, WholeDaysAreDroppedAndTheMostSpecificRuleWins) {
  put(many(2, kToday - 40));
  put(many(2, kToday - 20));
  put(many(2, kToday - 20, "payload", "audit"));
  put(many(2, kToday));
  put({chunk_of("shop", kToday - 20, 1, 7, "m", RecordKind::metric)});
  const std::vector<RetentionRule> rules = {{"", std::nullopt, 30 * kDay, 0}, {"shop", RecordKind::log, 10 * kDay, 0}};
  auto report = retain(rules);
  EXPECT_EQ(report.chunks, 4u) << "shop's logs of both old days";
  EXPECT_EQ(report.records, 40u);
  EXPECT_EQ(report.partitions, 1u) << "the day 20 ago still has what others keep";
  EXPECT_EQ(ask("SELECT count(*) FROM pg_class WHERE relname = 'chunk_d20737'"), 0);
  EXPECT_EQ(stored(*store).size(), 4u);
  EXPECT_EQ(stored(*store, RecordKind::metric).size(), 1u);
  EXPECT_EQ(retain(rules).chunks, 0u);
  EXPECT_TRUE(store->commit(commit_of(next, next + 1, {chunk_of("shop", kToday - 40, 1, 1, "late")})))
      << "a dropped day comes back";
}

TEST_F(StoreMaintenanceTest, PartlyOldDaysLoseOnlyTheirOldChunks) {
  Chunk early = chunk_of("shop", kToday - 1, 1, 1, "early"), late = chunk_of("shop", kToday - 1, 2, 1, "late");
  early.meta.max_time.ns = (kToday - 1) * kDay + kHour;
  late.meta.max_time.ns = (kToday - 1) * kDay + 23 * kHour;
  put({early, late});
  EXPECT_EQ(retain({{"", std::nullopt, kDay, 0}}).chunks, 1u);
  ASSERT_EQ(stored(*store).size(), 1u);
  EXPECT_EQ(stored(*store)[0].payload, "late");
}

TEST_F(StoreMaintenanceTest, BeyondItsSizeTheOldestGoFirst) {
  const std::string payload(10'000, 'x');
  for (int age = 5; age >= 0; --age) put(many(4, kToday - age, payload));
  put(many(4, kToday - 9, payload, "audit"));
  const auto report = retain({{"", std::nullopt, 0, 101'000}, {"audit", std::nullopt, 0, 0}});
  EXPECT_EQ(report.chunks, 14u);
  const auto left = stored(*store);
  ASSERT_EQ(left.size(), 4u + 10);
  std::map<std::int32_t, int> by_day;
  for (const auto& chunk : left) ++by_day[kToday - chunk.meta.day];
  EXPECT_EQ(by_day, (std::map<std::int32_t, int>{{0, 4}, {1, 4}, {2, 2}, {9, 4}}));
  retain({{"", std::nullopt, 0, 101'000}, {"audit", std::nullopt, 0, 0}});
  EXPECT_EQ(ask("SELECT count(*) FROM pg_inherits WHERE inhparent = 'chunk'::regclass"), 4)
      << "empty past days are gone";
}

// What retention and jobs remove again and again must not make the tables grow.
TEST_F(StoreMaintenanceTest, RemovedChunksLeaveTheirSpaceToNewOnes) {
  const std::string payload(200'000, 'x');
  const auto size = [&] { return ask("SELECT pg_total_relation_size('chunk_d20777')"); };
  std::int64_t of_one_round = 0;
  for (int round = 0; round < 6; ++round) {
    put(many(10, kToday, payload));
    {
      auto job = store->next_compaction(policy);
      ASSERT_TRUE(job && *job);
      Chunk merged = chunk_of("shop", kToday, 1, 100, payload + payload);
      merged.meta.level = policy.max_level;
      ASSERT_TRUE((*job)->replace({merged}));
    }
    EXPECT_FALSE(*store->reclaim_space(3'000'000)) << "ten chunks are not that much";
    EXPECT_TRUE(*store->reclaim_space(1'500'000));
    put(many(10, kToday, payload));
    EXPECT_EQ(retain({{"", std::nullopt, 0, 1}}).chunks, 11u);
    EXPECT_TRUE(*store->reclaim_space(1'500'000));
    EXPECT_FALSE(*store->reclaim_space(1)) << "nothing was removed since";
    if (round == 0) of_one_round = size();
  }
  EXPECT_LT(size(), 2 * of_one_round) << "of six rounds";
}

TEST_F(StoreMaintenanceTest, APartitionThatIsGoneNeedsNoReclaiming) {
  put(many(4, kToday - 9));
  retain({{"", std::nullopt, 0, 50}});
  tell("DROP TABLE chunk_d" + std::to_string(kToday - 9));
  EXPECT_TRUE(*store->reclaim_space(1));
  EXPECT_FALSE(*store->reclaim_space(1));
}

// The same chunks, in the same rounds: first told, then removed.
TEST_F(StoreMaintenanceTest, WhatRetentionWouldRemoveIsToldBeforeItDoes) {
  const std::vector<RetentionRule> kinds[] = {
      {},
      {{"", std::nullopt, 100 * kDay, 0}},
      {{"", std::nullopt, 3 * kDay, 0}, {"bank", std::nullopt, 0, 0}},
      {{"shop", RecordKind::log, 0, 350}},
      {{"shop", RecordKind::log, 5 * kDay, 300}, {"", std::nullopt, 10 * kDay, 0}},
      {{"", std::nullopt, 0, 1}},
  };
  for (const auto& rules : kinds) {
    for (int day = 0; day < 8; ++day) {
      put(many(3, kToday - day, std::string(20, 'x'), "shop"));
      put(many(2, kToday - day, std::string(20, 'x'), "bank"));
    }
    const auto told = store->expiring(rules, kNow);
    ASSERT_TRUE(told) << told.error().message;
    const std::size_t before = stored(*store).size();
    const RetentionReport done = retain(rules);
    EXPECT_EQ(told->chunks, done.chunks);
    EXPECT_EQ(told->bytes, done.bytes);
    EXPECT_EQ(told->records, done.records);
    EXPECT_EQ(stored(*store).size(), before - done.chunks);
    (void)retain({{"", std::nullopt, 1, 0}});
  }
}

TEST_F(StoreMaintenanceTest, RetentionDoesNotWaitLongForAReader) {
  put(many(1, kToday - 40));
  auto reading = store->snapshot();
  ChunkFilter all;
  all.to = kNow;
  ASSERT_TRUE((*reading)->chunks(all, [](const Chunk&) { return true; }));
  auto report = store->apply_retention({{"", std::nullopt, kDay, 0}}, kNow);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::unavailable);
  reading->reset();
  EXPECT_EQ(retain({{"", std::nullopt, kDay, 0}}).partitions, 1u);
}

TEST_F(StoreMaintenanceTest, RetentionForgetsSeriesWithoutSamplesAndTakesThemAnewWhenTheyComeBack) {
  const auto seen = [&](SeriesId id, std::int32_t day) {
    auto commit = commit_of(next, next + 1, {chunk_of("shop", day, next, 1, "x", RecordKind::metric)});
    const Series series{id, "shop", "m" + std::to_string(id), Labels::from({{"source", "x"}})};
    commit.series = {SeenSeries(series, day, day)};
    ASSERT_TRUE(store->commit(commit));
    ++next;
  };
  seen(1, kToday - 20);
  seen(2, kToday - 10);
  seen(3, kToday);
  EXPECT_EQ(retain({}).series, 0u) << "their samples are there";
  EXPECT_EQ(retain({{"", std::nullopt, 15 * kDay, 0}}).series, 1u);
  EXPECT_EQ(retain({{"", std::nullopt, 5 * kDay, 0}}).series, 1u);
  EXPECT_EQ(ask("SELECT count(*) FROM series WHERE name = 'm3'"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM series"), 1);
  seen(1, kToday);
  EXPECT_EQ(ask("SELECT first_day FROM series WHERE name = 'm1'"), kToday);
}

TEST_F(StoreMaintenanceTest, DeadLettersAreBounded) {
  Options options = store_options();
  options.dead_letters_kept = 3;
  store = std::make_unique<PgChunkStore>(options, metrics);
  ASSERT_TRUE(store->load_cursor(kJournal));
  for (Sequence i = 1; i <= 5; ++i) {
    auto commit = commit_of(i, i + 1, {});
    commit.dead_letters = {{kJournal, i, "invalid_value", "why", "bytes"}};
    ASSERT_TRUE(store->commit(commit));
  }
  retain({});
  EXPECT_EQ(ask("SELECT count(*) FROM dead_letter"), 3);
  EXPECT_EQ(ask("SELECT min(sequence) FROM dead_letter"), 3);
}

TEST_F(StoreMaintenanceTest, StatsCountWhatIsStored) {
  put(many(3));
  const auto stats = store->stats();
  EXPECT_TRUE(stats.available);
  EXPECT_EQ(stats.chunks, 3u);
  EXPECT_EQ(stats.bytes, 3 * (7u + 7 + 10));
}

}  // namespace
}  // namespace penstock::postgres::test
