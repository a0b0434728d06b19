#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "journal/inspect.hpp"
#include "journal_rig.hpp"

namespace penstock::test {
namespace {

TEST(Journal, ACommitIsReadableAtOnceAndAfterARestart) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit(3));
  EXPECT_EQ(rig.journal->durable_end(), 10u);
  EXPECT_EQ(rig.read_all(), 9u);
  rig.close();
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.journal->durable_end(), 10u);
  EXPECT_EQ(rig.read_all(), 9u);
  EXPECT_EQ(rig.ledger.stored_records(), 9u);
  rig.expect_sound();
}

TEST(Journal, BatchesSubmittedTogetherShareOneFrameAndOneSync) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  rig.commit();
  const auto before = rig.fs.calls(FileOp::sync);
  ASSERT_TRUE(rig.commit(50, 100, 2));
  EXPECT_EQ(rig.fs.calls(FileOp::sync), before + 1);
  const auto frame = rig.journal->reader(4)->next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ((*frame)->batches.size(), 50u);
  EXPECT_EQ((*frame)->count, 100u);
  EXPECT_EQ((*frame)->batches[7].first, 4u + 14u);
}

TEST(Journal, TheIdentityStaysAndEveryStartBeginsANewSegmentUnderANewKey) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  const JournalId id = rig.journal->id();
  EXPECT_GT(id.value, 0);
  rig.commit();
  rig.close();
  const auto first = rig.segment_paths();
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.journal->id(), id);
  rig.commit();
  EXPECT_EQ(rig.segment_paths().size(), first.size() + 1);
  rig.read_all();
  rig.expect_sound();
}

TEST(Journal, TheIdentitySurvivesADamagedHeaderOfTheOnlySegment) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  const JournalId id = rig.journal->id();
  ASSERT_TRUE(rig.commit());
  rig.close();
  const auto path = rig.segment_paths().at(0);
  rig.fs.put_content(path, rig.fs.content(path).replace(0, 40, 40, '#'));
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.journal->id(), id);
  EXPECT_EQ(rig.read_all(), 3u);
  rig.expect_sound();
}

TEST(Journal, TwoCannotHaveItOpen) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  metrics::Registry other;
  const auto second = journal::FileJournal::open(rig.options, rig.fs, rig.clock, rig.sealer, other);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
}

TEST(Journal, ATornTailIsDroppedAndCounted) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit());
  ASSERT_TRUE(rig.commit(1, 900));
  const auto path = rig.segment_paths().at(0);
  std::string bytes = rig.fs.content(path);
  rig.crash(1);
  const std::size_t end = bytes.find_last_not_of('\0') + 1;
  bytes.resize(end - 300);
  rig.fs.put_content(path, bytes);
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.journal->durable_end(), 4u);
  EXPECT_GT(rig.metric("penstock_journal_torn_bytes_total"), 500);
  EXPECT_EQ(rig.metric("penstock_journal_lost_records_total"), 0);
  EXPECT_EQ(rig.read_all(), 3u);
}

TEST(Journal, AFrameThatFitsNoSegmentGetsALargerOne) {
  JournalRig rig;
  rig.options.compress = false;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit(1, 100'000, 7));
  ASSERT_TRUE(rig.commit());
  rig.close();
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.read_all(), 10u);
  rig.expect_sound();
}

TEST(Journal, TheQueueIsBoundedByBytesAndAFullOneLeavesTheSubmissionAlone) {
  JournalRig rig;
  rig.options.queue_bytes = 10'000;
  ASSERT_TRUE(rig.open());
  std::size_t taken = 0;
  for (;; ++taken) {
    Submission submission{std::string(1000, 'x'), 1, {}, {}, {}};
    const auto result = rig.journal->submit(std::move(submission));
    if (result) continue;
    EXPECT_EQ(result.error().code, ErrorCode::overloaded);
    EXPECT_EQ(submission.batch.size(), 1000u);  // NOLINT(bugprone-use-after-move): untouched, says the contract
    break;
  }
  EXPECT_EQ(taken, 8u);
  EXPECT_TRUE(rig.journal->commit_once());
  EXPECT_EQ(rig.journal->stats().queue_bytes, 0u);
  EXPECT_TRUE(rig.commit());
}

TEST(Journal, AfterStopSubmissionsAreRefusedAsDraining) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  bool answered = false;
  Submission submission{"late", 1, {}, {}, [&](Result<Sequence> r) { answered = r.has_value(); }};
  ASSERT_TRUE(rig.journal->submit(std::move(submission)));
  rig.journal->stop();
  EXPECT_TRUE(answered);
  const auto refused = rig.journal->submit(Submission{"too late", 1, {}, {}, {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::draining);
}

TEST(Journal, TheLiveWindowStaysBoundedAndReadersGoOnFromTheFiles) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(rig.commit(2, 700));
    EXPECT_LE(rig.journal->stats().window_bytes, rig.options.live_window_bytes);
  }
  EXPECT_EQ(rig.read_all(), 40u * 6);
  const auto reads = rig.fs.calls(FileOp::read);
  EXPECT_GT(rig.read_all(rig.journal->durable_end() - 6), 0u);
  EXPECT_EQ(rig.fs.calls(FileOp::read), reads) << "the newest frames come from memory";
  rig.expect_sound();
}

TEST(Journal, AReaderMayStartInTheMiddleOfAFrame) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(rig.commit(2, 800));
  for (Sequence from = 1; from < rig.journal->durable_end(); ++from) {
    const auto frame = rig.journal->reader(from)->next();
    ASSERT_TRUE(frame && *frame);
    EXPECT_LE((*frame)->first, from);
    EXPECT_GT((*frame)->next(), from);
  }
}

TEST(Journal, AWrongKeyIsAnErrorAndDeletesNothing) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  ASSERT_TRUE(rig.commit(2, 6000));
  rig.close();
  rig.sealer.withhold_keys(true);
  ASSERT_TRUE(rig.open());
  const auto reader = rig.journal->reader(1);
  for (int i = 0; i < 5; ++i) {
    const auto frame = reader->next();
    ASSERT_FALSE(frame);
    EXPECT_EQ(frame.error().code, ErrorCode::key_mismatch);
    EXPECT_EQ(reader->position(), 1u);
  }
  rig.sealer.withhold_keys(false);
  const auto frame = reader->next();
  ASSERT_TRUE(frame && *frame);
  EXPECT_EQ(rig.metric("penstock_journal_lost_records_total"), 0);
}

TEST(Journal, InspectionCountsWhatIsThere) {
  JournalRig rig;
  ASSERT_TRUE(rig.open());
  for (int i = 0; i < 30; ++i) ASSERT_TRUE(rig.commit(1, 1500));
  rig.close();
  const auto report = journal::inspect(rig.fs, JournalRig::kDirectory, &rig.sealer);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->records, 90u);
  EXPECT_EQ(report->frames, 30u);
  EXPECT_EQ(report->lost_records, 0u);
  EXPECT_EQ(report->segments.size(), rig.segment_paths().size());
}

}  // namespace
}  // namespace penstock::test
