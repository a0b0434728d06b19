// Numbering steps on behind what a destination holds already: every record stays, under a sequence that nobody has seen, and the step is no gap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "journal/inspect.hpp"
#include "journal/walk.hpp"
#include "journal_rig.hpp"

namespace penstock::test {
namespace {

using Placed = std::vector<std::pair<Sequence, std::string>>;

// What a reader that starts at `from` gives: the first sequence of each batch, and its bytes.
Placed read_from(JournalRig& rig, Sequence from) {
  Placed all;
  const auto reader = rig.journal->reader(from);
  for (;;) {
    const auto frame = reader->next();
    if (!frame || !*frame) return all;
    for (const auto& batch : (*frame)->batches) all.emplace_back(batch.first, batch.bytes);
  }
}

Placed moved(Placed placed, std::uint64_t by) {
  for (auto& [sequence, bytes] : placed) sequence += by;
  return placed;
}

struct JournalStep : ::testing::Test {
  // Ten batches of an earlier run, then five of this one, all of three records: 1 … 30 and 31 … 45.
  void SetUp() override {
    ASSERT_TRUE(rig.open());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(rig.commit());
    rig.close();
    ASSERT_TRUE(rig.open());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(rig.commit());
    before = read_from(rig, 1);
    ASSERT_EQ(before.size(), 15u);
  }
  // The destination has all below 100, and of this run nothing.
  void step() {
    rig.journal->renumber(31, 100);
    rig.journal->commit_once();
  }
  void expect_stepped() {
    EXPECT_EQ(rig.journal->durable_end(), 115u);
    EXPECT_EQ(read_from(rig, 100), moved(Placed(before.begin() + 10, before.end()), 69));
    Placed all(before.begin(), before.begin() + 10);
    for (auto& one : moved(Placed(before.begin() + 10, before.end()), 69)) all.push_back(one);
    EXPECT_EQ(read_from(rig, 1), all);
    EXPECT_EQ(rig.journal->stats().lost_records, 0u);
    EXPECT_EQ(rig.metric("penstock_journal_skipped_records_total"), 0);
  }

  JournalRig rig;
  Placed before;
};

TEST_F(JournalStep, TheRecordsThatNobodyHasGoOnBehindIt) {
  step();
  expect_stepped();
  ASSERT_TRUE(rig.commit());
  EXPECT_EQ(read_from(rig, 115).size(), 1u);
  EXPECT_EQ(rig.journal->durable_end(), 118u);
}

TEST_F(JournalStep, IsThereAfterARestartAndAfterAPowerCut) {
  step();
  rig.close();
  ASSERT_TRUE(rig.open());
  expect_stepped();
  rig.crash(3);
  ASSERT_TRUE(rig.open());
  expect_stepped();
}

// The destination has less than the journal: it holds 31 … 40 of somebody else, and we 31 … 45 of our own.
TEST_F(JournalStep, MayGoToWhereTheJournalHasBeen) {
  rig.journal->renumber(31, 41);
  EXPECT_EQ(rig.journal->renumberings(), 0u);
  rig.journal->commit_once();
  EXPECT_EQ(rig.journal->renumberings(), 1u);
  const Placed ours = moved(Placed(before.begin() + 10, before.end()), 10);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(rig.journal->durable_end(), 56u);
    EXPECT_EQ(read_from(rig, 41), ours);
    EXPECT_EQ(read_from(rig, 1).size(), 15u);
    EXPECT_EQ(rig.journal->stats().lost_records, 0u);
    rig.close();
    ASSERT_TRUE(rig.open());
  }
  EXPECT_EQ(journal::inspect(rig.fs, JournalRig::kDirectory, nullptr)->lost_records, 0u);
}

// From the middle of a segment: what of it was delivered is not read again.
TEST_F(JournalStep, MayBeginAmidASegment) {
  rig.journal->renumber(37, 41);
  rig.journal->commit_once();
  const Placed ours = moved(Placed(before.begin() + 12, before.end()), 4);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(read_from(rig, 41), ours);
    EXPECT_EQ(rig.journal->durable_end(), 50u);
    rig.close();
    ASSERT_TRUE(rig.open());
  }
}

TEST_F(JournalStep, MayBeMadeAgain) {
  step();
  rig.journal->renumber(115, 400);
  rig.journal->commit_once();
  EXPECT_EQ(rig.journal->durable_end(), 400u);
  ASSERT_TRUE(rig.commit());
  rig.close();
  ASSERT_TRUE(rig.open());
  rig.journal->renumber(400, 1000);
  rig.journal->commit_once();
  EXPECT_EQ(read_from(rig, 1000).size(), 1u);
  EXPECT_EQ(read_from(rig, 100).size(), 6u);
  EXPECT_EQ(rig.journal->stats().lost_records, 0u);
}

TEST_F(JournalStep, ReadersOfBeforeGoOnWithoutDoubles) {
  const auto at_end = rig.journal->reader(46);
  const auto amid = rig.journal->reader(1);
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(*amid->next());
  step();
  ASSERT_TRUE(rig.commit());
  EXPECT_EQ((*at_end->next())->first, 115u);
  std::vector<Sequence> rest;
  for (auto frame = *amid->next(); frame; frame = *amid->next()) rest.push_back(frame->first);
  EXPECT_EQ(rest, (std::vector<Sequence>{106, 109, 112, 115}));
}

TEST_F(JournalStep, AReaderSaysThatItIsNoGap) {
  step();
  const auto reader = rig.journal->reader(1);
  Sequence stepped = 0;
  for (auto frame = *reader->next(); frame; frame = *reader->next()) {
    EXPECT_TRUE(reader->stepped_over() == 0 || frame->first == 100u);
    stepped += reader->stepped_over();
  }
  EXPECT_EQ(stepped, 69u);
}

TEST_F(JournalStep, WithoutRecordsToMoveOnlyWhatComesIsNumberedOn) {
  rig.journal->renumber(46, 1000);
  rig.journal->commit_once();
  EXPECT_EQ(rig.journal->durable_end(), 1000u);
  ASSERT_TRUE(rig.commit());
  rig.close();
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(read_from(rig, 1).size(), 16u);
  EXPECT_EQ(read_from(rig, 46).front().first, 1000u);
  EXPECT_EQ(rig.journal->stats().lost_records, 0u);
}

TEST_F(JournalStep, WhatLooksAtTheFilesSeesTheSame) {
  step();
  ASSERT_TRUE(rig.commit());
  const Placed expected = read_from(rig, 1);
  const auto report = journal::inspect(rig.fs, JournalRig::kDirectory, nullptr);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->lost_records, 0u);
  EXPECT_TRUE(report->damage.empty());
  EXPECT_EQ(report->segments.back().end, 118u);
  Placed walked;
  const auto done = journal::walk(rig.fs, JournalRig::kDirectory, rig.sealer, 1, UINT64_MAX,
                                  {[&](const journal::WalkedFrame& frame) -> Result<void> {
                                     for (const auto& batch : frame.frame.batches) walked.emplace_back(batch.first, batch.bytes);
                                     return {};
                                   },
                                   [](Sequence from, Sequence to) { ADD_FAILURE() << from << " … " << to << " lost"; }});
  ASSERT_TRUE(done);
  EXPECT_EQ(walked, expected);
  walked.clear();
  ASSERT_TRUE(journal::walk(rig.fs, JournalRig::kDirectory, rig.sealer, 103, 109,
                            {[&](const journal::WalkedFrame& frame) -> Result<void> {
                               for (const auto& batch : frame.frame.batches) walked.emplace_back(batch.first, batch.bytes);
                               return {};
                             },
                             [](Sequence, Sequence) {}}));
  ASSERT_EQ(walked.size(), 2u);
  EXPECT_EQ(walked[0].first, 103u);
}

TEST_F(JournalStep, PartsTellTheNewNumbers) {
  step();
  EXPECT_EQ(rig.read_parts(100), 15u);
  rig.close();
  ASSERT_TRUE(rig.open());
  EXPECT_EQ(rig.read_parts(100), 15u) << "those of files that were not looked at yet";
}

TEST_F(JournalStep, APowerCutAnywhereLeavesItMadeOrNotMade) {
  for (int at = 1; at < 40; ++at) {
    JournalRig other;
    ASSERT_TRUE(other.open());
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(other.commit());
    other.close();
    ASSERT_TRUE(other.open());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(other.commit());
    const Placed all = read_from(other, 1);
    other.fs.cut_power_at(at);
    other.journal->renumber(7, 100);
    other.journal->commit_once();
    other.journal.reset();
    other.fs.crash(static_cast<std::uint64_t>(at));
    ASSERT_TRUE(other.open());
    const Sequence end = other.journal->durable_end();
    ASSERT_TRUE(end == 16 || end == 109) << end;
    Placed expected(all.begin(), all.begin() + 2);
    for (auto& one : moved(Placed(all.begin() + 2, all.end()), end == 109 ? 93 : 0)) expected.push_back(one);
    EXPECT_EQ(read_from(other, 1), expected) << at;
    EXPECT_EQ(other.journal->stats().lost_records, 0u);
  }
}

TEST_F(JournalStep, UntilItCanBeMadeNothingIsTaken) {
  rig.fs.fail(FileOp::sync, 1, FileFailure::io_error, true);
  step();
  EXPECT_FALSE(rig.commit()) << "it would get a sequence that is taken for stored";
  rig.fs.heal();
  rig.clock.advance(rig.options.retry_every);
  rig.journal->commit_once();
  expect_stepped();
  rig.close();
  ASSERT_TRUE(rig.open());
  expect_stepped();
}

}  // namespace
}  // namespace penstock::test
