// A failing disk, a full one, and what retention may take.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/hold.hpp"
#include "journal_rig.hpp"

namespace penstock::test {
namespace {

TEST(JournalStorage, AFailedSyncIsWrittenOnceMoreToAFreshSegmentAndThenAcknowledged) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit());
  const auto before = rig.segment_paths();
  rig.fs.fail(FileOp::sync, 1, FileFailure::io_error);
  EXPECT_TRUE(rig.commit());
  EXPECT_EQ(rig.segment_paths().size(), before.size() + 1);
  EXPECT_EQ(rig.metric("penstock_journal_failures_total"), 1);
  EXPECT_TRUE(rig.commit());
  EXPECT_EQ(rig.read_all(), 9u);
  rig.crash(0);
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.read_all(), 9u);
  rig.expect_sound();
}

TEST(JournalStorage, WhenTheFreshSegmentFailsTooTheJournalIsReadOnlyUntilOneWorks) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit());
  rig.fs.fail(FileOp::sync, 1, FileFailure::io_error, true);
  EXPECT_FALSE(rig.commit());
  EXPECT_FALSE(rig.journal->writable());
  const auto refused = rig.journal->submit(Submission{"x", 1, {}, {}, {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::storage_failed);
  EXPECT_EQ(rig.read_all(), 3u) << "what was acknowledged can be read meanwhile";

  rig.fs.heal();
  rig.journal->commit_once();
  EXPECT_FALSE(rig.journal->writable()) << "not before the next attempt is due";
  rig.clock.advance(rig.options.retry_every);
  rig.journal->commit_once();
  EXPECT_TRUE(rig.journal->writable());
  EXPECT_TRUE(rig.commit());
  rig.read_all();
  rig.expect_sound();
}

TEST(JournalStorage, TheDiskBudgetRefusesAtSubmitAndNothingAcknowledgedIsDropped) {
  JournalRig rig;
  rig.options.disk_budget = 200u << 10;
  rig.options.compress = false;
  ASSERT_TRUE(rig.open());
  std::optional<Error> refusal;
  for (int i = 0; i < 500 && !refusal; ++i) {
    Submission probe{std::string(2000, 'p'), 1, {}, {}, {}};
    const auto result = rig.journal->submit(std::move(probe));
    if (!result) refusal = result.error();
    rig.journal->commit_once();
    std::uint64_t on_disk = 0;
    for (const auto& path : rig.segment_paths()) on_disk += rig.fs.content(path).size();
    ASSERT_LE(on_disk, rig.options.disk_budget);
  }
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->code, ErrorCode::storage_full);
  EXPECT_GT(rig.journal->durable_end(), 60u) << "most of the budget was usable";
  EXPECT_EQ(rig.metric("penstock_journal_soft_limit"), 1);
  EXPECT_FALSE(rig.journal->writable());
  EXPECT_EQ(rig.journal->oldest(), 1u);

  rig.journal->set_cursor("sink", rig.journal->durable_end());
  EXPECT_TRUE(rig.journal->writable()) << "room is back as soon as the sink has caught up";
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(rig.commit(1, 2000)) << i;
  EXPECT_GT(rig.journal->oldest(), 1u);
}

TEST(JournalStorage, WhatIsQueuedCountsAgainstTheBudgetToo) {
  JournalRig rig;
  rig.options.disk_budget = 100u << 10;
  ASSERT_TRUE(rig.open());
  std::size_t queued = 0;
  while (rig.journal->submit(Submission{std::string(1000, 'q'), 1, {}, {}, {}})) ++queued;
  EXPECT_GT(queued, 40u) << "but for the end of a segment that may be lost";
  EXPECT_LT(queued, 100u);
}

TEST(JournalStorage, TheReserveOfTheDiskIsLeftToOthers) {
  JournalRig rig;
  rig.fs.set_capacity(300u << 10);
  rig.options.free_reserve_bytes = 150u << 10;
  rig.options.compress = false;
  ASSERT_TRUE(rig.open());
  int committed = 0;
  while (committed < 1000 && rig.commit(1, 2000)) ++committed;
  EXPECT_GT(committed, 10);
  EXPECT_LT(committed, 1000);
  EXPECT_GE(*rig.fs.free_bytes("/journal"), rig.options.free_reserve_bytes);
}

TEST(JournalStorage, AFullDiskIsRefusedBeforeACommitMeetsIt) {
  for (const std::uint64_t budget : {4u << 20, 150u << 10}) {
    JournalRig rig;
    rig.fs.set_capacity(300u << 10);
    rig.options.disk_budget = budget;
    rig.options.free_reserve_bytes = 100u << 10;
    rig.options.compress = false;
    ASSERT_TRUE(rig.open());
    for (const std::size_t size : {9000u, 3000u, 700u, 5000u, 100u}) {
      for (int i = 0; i < 1000; ++i) {
        if (!rig.journal->submit(Submission{std::string(size, 'x'), 1, {}, {}, {}})) break;
        rig.journal->commit_once();
      }
    }
    EXPECT_GT(rig.journal->durable_end(), 20u);
    EXPECT_EQ(rig.metric("penstock_journal_failures_total"), 0);
  }
}

// Delivers everything and lets the writer look after its house; true when a request of `size` is taken after that.
bool taken_after_delivery(JournalRig& rig, std::size_t size) {
  rig.journal->set_cursor("sink", rig.journal->durable_end());
  rig.clock.advance(std::chrono::seconds(4));
  rig.journal->commit_once();
  return rig.commit(1, size);
}

TEST(JournalStorage, ABudgetOfOneSegmentOrLessWorksForEverAsLongAsItIsDelivered) {
  for (const std::uint64_t budget : {64u << 10, 32u << 10}) {
    JournalRig rig;
    rig.options.segment_bytes = 64u << 10;
    rig.options.disk_budget = budget;
    rig.options.compress = false;
    ASSERT_TRUE(rig.open());
    for (int round = 0; round < 20; ++round) {
      int committed = 0;
      while (committed < 1000 && rig.commit(1, 2000)) ++committed;
      ASSERT_LT(committed, 1000) << "the budget holds";
      ASSERT_TRUE(taken_after_delivery(rig, 2000)) << "round " << round << ", budget " << budget;
    }
    EXPECT_EQ(rig.metric("penstock_journal_failures_total"), 0);
  }
}

TEST(JournalStorage, ARequestThatFitsTheBudgetIsTakenWhenOnlyTheSegmentBeingWrittenIsInItsWay) {
  JournalRig rig;
  rig.options.disk_budget = 64u << 10;
  rig.options.compress = false;
  ASSERT_TRUE(rig.open());
  int waited = 0;
  for (int i = 0; i < 30; ++i) {
    if (rig.commit(1, 20'000)) continue;
    ++waited;
    ASSERT_TRUE(taken_after_delivery(rig, 20'000)) << i;
  }
  EXPECT_GT(waited, 0) << "there was no need to make room";
  const auto never = rig.journal->submit(Submission{std::string(60'000, 'x'), 1, {}, {}, {}});
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().code, ErrorCode::too_large) << "what can never fit is not to be sent again";
}

TEST(JournalStorage, OnADiskThatAStrangerFillsWhatWasDeliveredMakesRoom) {
  JournalRig rig;
  rig.options.free_reserve_bytes = 0;
  rig.options.compress = false;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(rig.commit(1, 2000));
  std::uint64_t used = 0;
  const auto names = *rig.fs.list(JournalRig::kDirectory);
  for (const std::string& name : names) used += rig.fs.content(std::string(JournalRig::kDirectory) + "/" + name).size();
  rig.fs.set_capacity(used + 1000);
  rig.clock.advance(std::chrono::seconds(4));
  rig.journal->commit_once();
  for (int round = 0; round < 10; ++round) {
    int committed = 0;
    while (committed < 1000 && rig.commit(1, 2000)) ++committed;
    ASSERT_LT(committed, 1000) << "the disk is full";
    bool taken = false;
    for (int i = 0; i < 3 && !taken; ++i) taken = taken_after_delivery(rig, 2000);
    ASSERT_TRUE(taken) << "round " << round;
  }
}

TEST(JournalStorage, SegmentsGoOnlyAfterEverySinkHasPassedThem) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  rig.journal->set_cursor("slow", 1);
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(rig.commit(1, 2000));
  rig.deliver();
  rig.clock.advance(std::chrono::seconds(1));
  rig.journal->commit_once();
  EXPECT_EQ(rig.journal->oldest(), 1u);
  const auto held = rig.segment_paths().size();
  rig.journal->remove_cursor("slow");
  rig.clock.advance(std::chrono::seconds(1));
  rig.journal->commit_once();
  EXPECT_LT(rig.segment_paths().size(), held);
  EXPECT_GT(rig.journal->oldest(), 1u);
}

TEST(JournalStorage, AReaderThatMayLagHoldsItsBytesThenGoesOnAtTheOldestLeftAndItIsCounted) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  const CursorPolicy policy{.may_lag_bytes = 4 * rig.options.segment_bytes};
  rig.journal->set_cursor("slow", 1, policy);
  const auto reader = rig.journal->reader(1);
  const auto counted = [&] { return rig.registry->counter("penstock_journal_jumped_records_total", "", {{"reader", "slow"}}).value(); };
  const auto commit_and_deliver = [&] {
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(rig.commit(1, 2000));
    rig.deliver();
    rig.clock.advance(std::chrono::seconds(1));
    rig.journal->commit_once();
  };
  commit_and_deliver();
  EXPECT_EQ(rig.journal->oldest(), 1u) << "less than it may";
  EXPECT_EQ(counted(), 0u);
  for (int i = 0; i < 60; ++i) commit_and_deliver();
  const Sequence oldest = rig.journal->oldest();
  EXPECT_GT(oldest, 1u);
  EXPECT_EQ(counted(), oldest - 1) << "exactly what it cannot read any more";
  std::uint64_t held = 0;
  for (const auto& path : rig.segment_paths()) held += rig.fs.content(path).size();
  EXPECT_LE(held, policy.may_lag_bytes + 2 * rig.options.segment_bytes);
  EXPECT_GE(held + rig.options.segment_bytes, policy.may_lag_bytes);
  const auto frame = reader->next();
  ASSERT_TRUE(frame);
  ASSERT_TRUE(*frame);
  EXPECT_EQ((*frame)->first, oldest);

  rig.journal->set_cursor("slow", rig.journal->durable_end(), policy);
  commit_and_deliver();
  EXPECT_EQ(counted(), oldest - 1) << "one that keeps up loses nothing";
}

TEST(JournalStorage, SegmentsThatGoWhileABackupRunsAreGivenToIt) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  const std::string journal = rig.options.directory, folder = journal::hold_folder(journal);
  const auto let_go = [&] {
    for (int i = 0; i < 40; ++i) ASSERT_TRUE(rig.commit(1, 2000));
    rig.deliver();
    rig.clock.advance(std::chrono::seconds(1));
    rig.journal->commit_once();
  };
  ASSERT_TRUE(rig.fs.make_directories(folder));
  rig.fs.put_content(journal::hold_lock(journal), "");
  auto lock = rig.fs.lock(journal::hold_lock(journal));
  ASSERT_TRUE(lock);
  const std::string first = rig.segment_paths().front();
  let_go();
  EXPECT_FALSE(rig.fs.exists(first));
  const auto given = rig.fs.list(folder);
  ASSERT_TRUE(given);
  EXPECT_GT(given->size(), 2u) << "the lock's file, and segments";
  EXPECT_TRUE(rig.fs.exists(folder + first.substr(journal.size())));
  lock->reset();
  let_go();
  EXPECT_EQ(rig.fs.list(folder)->size(), given->size()) << "what a killed backup left takes no more";
}

TEST(JournalStorage, WithoutAnyCursorNothingIsDeleted) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  rig.journal->remove_cursor("sink");
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(rig.commit(1, 2000));
  rig.clock.advance(std::chrono::hours(48));
  rig.journal->commit_once();
  EXPECT_EQ(rig.read_all(), 120u);
}

TEST(JournalStorage, ConsumedSegmentsAreKeptAWhileThenGoByAge) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 1u << 30;
  rig.options.keep_consumed_age = std::chrono::hours(2);
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(rig.commit(1, 2000));
  rig.deliver();
  rig.clock.advance(std::chrono::hours(1));
  rig.journal->commit_once();
  EXPECT_EQ(rig.journal->oldest(), 1u);
  rig.clock.advance(std::chrono::hours(2));
  rig.journal->commit_once();
  EXPECT_GT(rig.journal->oldest(), 1u);
}

TEST(JournalStorage, WhatWasDeletedGoesThoughItIsYoungAndLiesInTheSegmentBeingWritten) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 1u << 30;
  rig.options.keep_consumed_age = std::chrono::hours(2);
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(rig.commit(1, 2000));
  const Sequence before = rig.journal->durable_end();
  rig.journal->retire(before);
  rig.clock.advance(std::chrono::seconds(1));
  rig.journal->commit_once();
  EXPECT_EQ(rig.journal->oldest(), 1u) << "a sink has not passed it yet";
  rig.deliver();
  rig.clock.advance(std::chrono::seconds(1));
  rig.journal->commit_once();
  EXPECT_EQ(rig.journal->oldest(), before);
  EXPECT_EQ(rig.journal->stats().lost_records, 0u);
  const auto segments = rig.segment_paths();
  ASSERT_TRUE(rig.commit(1, 2000));
  rig.clock.advance(std::chrono::seconds(1));
  rig.deliver();
  rig.journal->commit_once();
  EXPECT_EQ(rig.segment_paths(), segments) << "nothing was asked to go any more";
}

TEST(JournalStorage, WhatWasDeletedGoesThoughRecordsComeAllTheTimeAndSinksAreNeverAtTheEnd) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 1u << 30;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit(3, 200));
  const Sequence before = rig.journal->durable_end();
  rig.journal->retire(before);
  for (int i = 0; i < 5; ++i) {
    const Sequence end = rig.journal->durable_end();
    ASSERT_TRUE(rig.commit(1, 200));
    rig.journal->set_cursor("sink", end);
    rig.clock.advance(std::chrono::seconds(1));
    rig.journal->commit_once();
  }
  EXPECT_GE(rig.journal->oldest(), before);
  EXPECT_LE(rig.segment_paths().size(), 2u) << "one more for what comes, not one a second";
}

TEST(JournalStorage, AReaderInASegmentThatGoesReadsOnWithoutGaps) {
  JournalRig rig;
  rig.options.keep_consumed_bytes = 0;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(rig.commit(1, 2000));
  const auto reader = rig.journal->reader(1);
  ASSERT_TRUE(*reader->next());
  rig.journal->set_cursor("sink", rig.journal->durable_end());
  rig.clock.advance(std::chrono::seconds(1));
  rig.journal->commit_once();
  const Sequence oldest = rig.journal->oldest();
  ASSERT_GT(oldest, 6u);
  std::vector<Sequence> starts;
  for (;;) {
    const auto frame = reader->next();
    ASSERT_TRUE(frame);
    if (!*frame) break;
    starts.push_back((*frame)->first);
  }
  EXPECT_EQ(reader->position(), rig.journal->durable_end());
  EXPECT_TRUE(std::is_sorted(starts.begin(), starts.end()));
  EXPECT_EQ(rig.journal->stats().lost_records, 0u) << "consumed is not lost";
  EXPECT_GT(rig.metric("penstock_journal_skipped_records_total"), 0);
}

}  // namespace
}  // namespace penstock::test
