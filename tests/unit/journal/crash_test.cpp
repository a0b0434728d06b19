// Power cuts and failing calls at every single I/O operation, judged by the ledger.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "journal_rig.hpp"
#include "support/amount.hpp"

namespace penstock::test {
namespace {

// A few segments' worth of commits of all sizes, with deliveries and retention between them.
void work(JournalRig& rig, int rounds) {
  for (int i = 0; i < rounds && !rig.fs.power_is_off(); ++i) {
    rig.commit(1 + static_cast<std::size_t>(i % 3), 100 + static_cast<std::size_t>(i * 397 % 5000));
    if (i % 5 == 4) rig.deliver();
    rig.clock.advance(std::chrono::milliseconds(700));
  }
}

void expect_a_fresh_record_arrives(JournalRig& rig) {
  for (int i = 0; i < 10; ++i) {
    if (rig.commit()) return;
    rig.clock.advance(std::chrono::seconds(1));
  }
  ADD_FAILURE() << "no record is taken after the faults stopped";
}

void recover_and_judge(JournalRig& rig) {
  ASSERT_TRUE(rig.open());
  expect_a_fresh_record_arrives(rig);
  rig.read_all(rig.journal->oldest());
  rig.expect_sound();
  EXPECT_EQ(rig.metric("penstock_journal_lost_records_total"), 0);
}

std::uint64_t changes_of_a_quiet_run() {
  JournalRig rig;
  EXPECT_TRUE(rig.open());
  work(rig, 14);
  rig.close();
  return rig.fs.changes();
}

// The seed decides what of the unsynced bytes is dropped, kept out of order or torn.
void cut_power(std::uint64_t at, std::uint64_t cut_seed) {
  SCOPED_TRACE("power cut at operation " + std::to_string(at) + "; run again with POWER_CUT_SEED=" + std::to_string(cut_seed));
  JournalRig rig;
  rig.fs.cut_power_at(at);
  if (rig.open()) work(rig, 14);
  rig.journal.reset();
  rig.fs.crash(cut_seed * 1'000'003 + at);
  recover_and_judge(rig);
}

TEST(JournalCrash, NothingAcknowledgedIsLostWhenThePowerGoesAtAnyOperation) {
  const std::uint64_t operations = changes_of_a_quiet_run();
  ASSERT_GT(operations, 60u);
  const std::uint64_t cuts = std::max(amount("POWER_CUTS", 100'000), operations);
  const std::uint64_t first = seed("POWER_CUT_SEED");
  std::atomic<std::uint64_t> next{0};
  const auto cut_on = [&] {
    for (std::uint64_t cut = next++; cut < cuts && !testing::Test::HasFailure(); cut = next++) {
      cut_power(cut % operations + 1, first + cut / operations);
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) others.emplace_back(cut_on);
  cut_on();
  for (std::thread& other : others) other.join();
}

std::vector<std::string> batches_of(JournalRig& rig) {
  std::vector<std::string> batches;
  const auto reader = rig.journal->reader(1);
  for (;;) {
    auto frame = reader->next();
    EXPECT_TRUE(frame);
    if (!frame || !*frame) return batches;
    for (const auto& batch : (*frame)->batches) batches.push_back(std::to_string(batch.first) + ' ' + batch.bytes);
  }
}

// Of what kill -9 interrupted, a start may find frames that only the machine's memory holds. Whatever it goes on with must be on the disk.
void expect_what_a_start_found_survives(JournalRig& rig, std::uint64_t cut_seed) {
  rig.journal.reset();
  rig.fs.end_process();
  ASSERT_TRUE(rig.open());
  const Sequence end = rig.journal->durable_end();
  const auto found = batches_of(rig);
  rig.crash(cut_seed);
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.journal->durable_end(), end);
  EXPECT_EQ(batches_of(rig), found);
}

TEST(JournalCrash, WhatAStartFindsAfterAKillSurvivesThePowerCutAfterThat) {
  const std::uint64_t operations = changes_of_a_quiet_run();
  for (std::uint64_t at = 1; at <= operations * 3 && !testing::Test::HasFailure(); ++at) {
    SCOPED_TRACE("killed at operation " + std::to_string(at % operations + 1));
    JournalRig rig;
    rig.fs.cut_power_at(at % operations + 1);
    if (rig.open()) work(rig, 14);
    expect_what_a_start_found_survives(rig, at);
  }
}

TEST(JournalCrash, AFrameThatCouldNotBeSyncedIsNotFoundByTheNextStart) {
  for (const bool for_good : {false, true}) {
    for (std::uint64_t nth = 1;; ++nth) {
      SCOPED_TRACE("sync " + std::to_string(nth) + " fails" + (for_good ? " for good" : ""));
      JournalRig rig;
      rig.fs.fail(FileOp::sync, nth, FileFailure::io_error, for_good);
      if (rig.open()) work(rig, 14);
      const bool fired = rig.fs.fired();
      expect_what_a_start_found_survives(rig, nth);
      if (!fired || testing::Test::HasFailure()) break;
    }
  }
}

TEST(JournalCrash, RecoveryItselfMayBeCutOffAgainAndAgain) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    JournalRig rig;
    ASSERT_TRUE(rig.open());
    work(rig, 6);
    rig.crash(seed);
    for (std::uint64_t at = 1; at < 12; ++at) {
      rig.fs.cut_power_at(at);
      if (rig.open()) work(rig, 2);
      rig.journal.reset();
      rig.fs.crash(seed * 100 + at);
    }
    recover_and_judge(rig);
    if (testing::Test::HasFailure()) return;
  }
}

class JournalFailure : public testing::TestWithParam<std::tuple<FileOp, FileFailure, bool>> {};

TEST_P(JournalFailure, AnyCallMayFailOnceOrForGood) {
  const auto [op, failure, for_good] = GetParam();
  for (std::uint64_t nth = 1;; ++nth) {
    SCOPED_TRACE("call " + std::to_string(nth) + " fails");
    JournalRig rig;
    rig.fs.fail(op, nth, failure, for_good);
    if (rig.open()) work(rig, 14);
    const bool fired = rig.fs.fired();
    rig.fs.heal();
    if (rig.journal) {
      // The same process goes on once the disk is well again …
      rig.clock.advance(rig.options.retry_every);
      expect_a_fresh_record_arrives(rig);
      rig.read_all(rig.journal->oldest());
      rig.expect_sound();
    }
    // … and so does the next one, after a power cut.
    rig.crash(nth);
    recover_and_judge(rig);
    if (!fired || testing::Test::HasFailure()) break;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Calls, JournalFailure,
    testing::Combine(testing::Values(FileOp::create, FileOp::open, FileOp::read, FileOp::write, FileOp::sync, FileOp::allocate,
                                     FileOp::truncate, FileOp::rename, FileOp::remove, FileOp::sync_directory),
                     testing::Values(FileFailure::io_error, FileFailure::no_space, FileFailure::short_write), testing::Bool()));

TEST(JournalCrash, TheLedgerCatchesAJournalThatDoesNotSync) {
  std::size_t caught = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    JournalRig rig;
    ASSERT_TRUE(rig.open());
    rig.fs.skip_syncs(true);
    work(rig, 8);
    ASSERT_GT(rig.ledger.acked(), 0u);
    rig.crash(seed);
    rig.fs.skip_syncs(false);
    ASSERT_TRUE(rig.open());
    rig.read_all(rig.journal->oldest());
    caught += !rig.ledger.complaints().empty();
  }
  EXPECT_GE(caught, 15u);
}

TEST(JournalCrash, TheLedgerCatchesAnAnswerBeforeTheSync) {
  std::size_t caught = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    JournalRig rig;
    ASSERT_TRUE(rig.open());
    rig.commit();
    // The sync of the next commit fails, and the disk keeps failing: the honest journal answers with an error …
    rig.fs.fail(FileOp::sync, 1, FileFailure::io_error, true);
    const std::string payload = rig.ledger.send(1, 300, rig.random);
    Submission submission{payload, 1, {}, {}, {}};
    submission.done = [&](Result<Sequence> result) {
      EXPECT_FALSE(result);
      rig.ledger.settle(payload, Ledger::Fate::acked, 4);  // … and one that answered before the sync would have said yes.
    };
    ASSERT_TRUE(rig.journal->submit(std::move(submission)));
    rig.journal->commit_once();
    rig.crash(seed);
    ASSERT_TRUE(rig.open());
    rig.read_all();
    caught += !rig.ledger.complaints().empty();
  }
  EXPECT_GE(caught, 5u);
}

}  // namespace
}  // namespace penstock::test
