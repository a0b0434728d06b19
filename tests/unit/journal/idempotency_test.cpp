#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/idempotency_index.hpp"
#include "journal_rig.hpp"

namespace penstock::test {
namespace {

std::string batch_with_key(std::uint64_t key, std::size_t padding = 100) {
  BatchWriter writer;
  const std::string message(padding, 'm');
  LogView log;
  log.message = message;
  writer.add(log);
  writer.set_idempotency({key, ~key, 3 * key, 5, "200{\"accepted\":1} of " + std::to_string(key)});
  return writer.take();
}

bool commit_key(JournalRig& rig, std::uint64_t key) {
  bool done = false;
  Submission submission{batch_with_key(key), 1, {}, {}, [&](Result<Sequence> r) { done = r.has_value(); }};
  EXPECT_TRUE(rig.journal->submit(std::move(submission)));
  rig.journal->commit_once();
  return done;
}

void expect_known(const JournalRig& rig, std::uint64_t key) {
  const auto entry = rig.journal->find(key, ~key);
  ASSERT_TRUE(entry) << "key " << key;
  EXPECT_EQ(entry->body_hi, 3 * key);
  EXPECT_EQ(entry->answer, "200{\"accepted\":1} of " + std::to_string(key));
}

TEST(JournalIdempotency, AKeyIsKnownOnceItsBatchIsDurable) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.journal->submit(Submission{batch_with_key(7), 1, {}, {}, {}}));
  EXPECT_FALSE(rig.journal->find(7, ~7ull));
  rig.journal->commit_once();
  expect_known(rig, 7);
  EXPECT_FALSE(rig.journal->find(8, ~8ull));
}

TEST(JournalIdempotency, KeysSurviveStopsAndCrashesForADay) {
  for (const bool crash : {false, true}) {
    JournalRig rig;
    ASSERT_TRUE(rig.open());
    for (std::uint64_t key = 1; key <= 100; ++key) ASSERT_TRUE(commit_key(rig, key));
    crash ? rig.crash(5) : rig.close();
    rig.clock.advance(std::chrono::hours(23));
    ASSERT_TRUE(rig.open());
    for (std::uint64_t key = 1; key <= 100; ++key) expect_known(rig, key);
    rig.clock.advance(std::chrono::hours(2));
    EXPECT_FALSE(rig.journal->find(1, ~1ull));
    rig.close();
    ASSERT_TRUE(rig.open());
    EXPECT_FALSE(rig.journal->find(1, ~1ull));
  }
}

TEST(JournalIdempotency, KeysOutliveTheSegmentThatBroughtThem) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(commit_key(rig, 1));
  for (int life = 0; life < 4; ++life) {
    for (int i = 0; i < 30; ++i) ASSERT_TRUE(rig.commit(1, 2000));
    rig.deliver();
    rig.clock.advance(std::chrono::minutes(5));
    rig.journal->commit_once();
    EXPECT_GT(rig.journal->oldest(), 2u) << "the batch itself is gone";
    expect_known(rig, 1);
    rig.crash(static_cast<std::uint64_t>(life));
    ASSERT_TRUE(rig.open());
    expect_known(rig, 1);
  }
  EXPECT_EQ(rig.sealer.reused_places(), 0u);
}

TEST(JournalIdempotency, AClockThatJumpsAheadForAWhileForgetsNoKey) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(commit_key(rig, 1));
  const Timestamp before = rig.clock.now();
  rig.clock.set_wall({before.ns + 3650 * kDay});
  for (int i = 0; i < 10; ++i) {
    rig.clock.advance(std::chrono::seconds(10));
    rig.journal->commit_once();
    expect_known(rig, 1);
  }
  rig.clock.set_wall(before);
  rig.clock.advance(std::chrono::seconds(10));
  rig.journal->commit_once();
  expect_known(rig, 1);
}

TEST(JournalIdempotency, ReadersSeeNoTraceOfKeptKeys) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(commit_key(rig, 1));
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(rig.commit(1, 2000));
  rig.journal->set_cursor("sink", rig.journal->durable_end());
  rig.clock.advance(std::chrono::seconds(1));
  rig.journal->commit_once();
  const Sequence end = rig.journal->durable_end();
  ASSERT_TRUE(rig.commit());
  const auto frame = rig.journal->reader(end)->next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->first, end);
  rig.close();
  ASSERT_TRUE(rig.open());
  const auto reader = rig.journal->reader(1);
  Sequence next = rig.journal->oldest();
  for (;;) {
    const auto each = reader->next();
    ASSERT_TRUE(each);
    if (!*each) break;
    EXPECT_EQ((*each)->first, next);
    EXPECT_GT((*each)->count, 0u);
    next = (*each)->next();
  }
  EXPECT_EQ(next, end + 3);
  EXPECT_EQ(rig.journal->stats().lost_records, 0u);
}

TEST(JournalIdempotency, TheIndexIsBoundedAndTheOldestKeysGoFirst) {
  journal::IdempotencyIndex index(10'000, std::chrono::hours(24));
  std::size_t forgotten = 0;
  for (std::uint64_t key = 1; key <= 1000; ++key) {
    forgotten += index.add({{key, key, 0, 0, std::string(100, 'a')}, Timestamp{static_cast<std::int64_t>(key)}}, 1);
    EXPECT_LE(index.size_bytes(), 10'000u);
  }
  EXPECT_GT(forgotten, 900u);
  EXPECT_LT(forgotten, 1000u);
  EXPECT_TRUE(index.find(1000, 1000, {1000}));
  EXPECT_FALSE(index.find(1, 1, {1000}));
}

TEST(JournalIdempotency, TheNewestKeysAreReadBackWhenNotAllFit) {
  JournalRig rig;
  rig.options.idempotency_bytes = 10'000;
  ASSERT_TRUE(rig.open());
  for (std::uint64_t key = 1; key <= 300; ++key) ASSERT_TRUE(commit_key(rig, key));
  rig.close();
  ASSERT_TRUE(rig.open());
  expect_known(rig, 300);
  EXPECT_FALSE(rig.journal->find(1, ~1ull));
}

}  // namespace
}  // namespace penstock::test
