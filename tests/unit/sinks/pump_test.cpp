#include "sinks/pump.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "sink_test_tools.hpp"
#include "sinks/pump_cycle.hpp"
#include "support/patience.hpp"
#include "support/sim_file_system.hpp"

namespace penstock::sinks::test {
namespace {

using std::chrono::milliseconds;

class PumpSteps : public ::testing::Test {
 protected:
  PumpSteps() { options.backoff_seed = 7; }
  PumpCycle cycle() { return PumpCycle(options, journal, sink, clock, metrics); }

  PumpOptions options;
  FakeJournal journal;
  FakeClock clock;
  metrics::Registry metrics;
  ScriptedSink sink;
};

TEST_F(PumpSteps, HandsFramesOverInOrderAndMovesTheJournalsCursorAfterDelivery) {
  for (int i = 0; i < 3; ++i) journal.append(logs({"a", "b"}), 2);
  auto pump = cycle();
  EXPECT_EQ(journal.cursor("scripted"), 1u) << "registered before anything may be deleted";
  EXPECT_EQ(pump.step(false), milliseconds(0));
  EXPECT_EQ(journal.cursor("scripted"), 3u);
  pump.step(false);
  pump.step(false);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{1, 3, 5}));
  EXPECT_EQ(journal.cursor("scripted"), 7u);
  EXPECT_EQ(pump.step(false), options.idle_every) << "nothing to read: rest";
  EXPECT_TRUE(pump.finished());
  EXPECT_EQ(metrics.counter("penstock_sink_sent_total", "", {{"sink", "scripted"}}).value(), 6u);
}

TEST_F(PumpSteps, WaitsLongerAfterEachFailureAndGivesTheSameFrameAgain) {
  journal.append(logs({"a"}), 1);
  sink.consume_errors.assign(9, unavailable());
  auto pump = cycle();
  auto longest = milliseconds(0);
  for (int i = 0; i < 9; ++i) {
    const auto pause = pump.step(false);
    EXPECT_GE(pause, milliseconds(100));
    EXPECT_LE(pause, milliseconds(30'000));
    longest = std::max(longest, pause);
  }
  EXPECT_GE(longest, milliseconds(15'000));
  EXPECT_EQ(pump.state().phase, "waiting");
  EXPECT_EQ(pump.state().errors, 9u);
  EXPECT_EQ(pump.state().lag_records, 1u);
  EXPECT_EQ(pump.step(false), milliseconds(0));
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{1}));
  EXPECT_EQ(sink.resets, 0);
  EXPECT_EQ(pump.state().last_error, "");
}

TEST_F(PumpSteps, AsksAgainForThePositionWhileTheDestinationIsAway) {
  journal.append(logs({"a", "b"}), 2);
  sink.start = 2;
  sink.resume_errors.assign(2, unavailable());
  auto pump = cycle();
  EXPECT_GT(pump.step(false), milliseconds(0));
  EXPECT_EQ(pump.state().phase, "starting");
  EXPECT_GT(pump.step(false), milliseconds(0));
  pump.step(false);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{1})) << "the frame that holds the position";
}

TEST_F(PumpSteps, RecordsThatASinkLostByLaggingAreCountedAsThatAndNotAsDamage) {
  for (int i = 0; i < 4; ++i) journal.append(logs({"a", "b"}), 2);
  sink.lag = {.may_lag_bytes = 1};
  auto pump = cycle();
  EXPECT_EQ(journal.policy("scripted").may_lag_bytes, 1u);
  pump.step(false);
  journal.drop_below(7);
  pump.step(false);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{1, 7}));
  EXPECT_EQ(metrics.counter("penstock_sink_dropped_total", "", {{"sink", "scripted"}, {"reason", "lagged"}}).value(), 4u);
  EXPECT_EQ(metrics.counter("penstock_sink_dropped_total", "", {{"sink", "scripted"}, {"reason", "journal_gap"}}).value(), 0u);
}

TEST_F(PumpSteps, BeginsAgainAtThePositionAfterAConflict) {
  journal.append(logs({"a"}), 1);
  sink.consume_errors = {Error{ErrorCode::conflict, "moved", ""}};
  auto pump = cycle();
  EXPECT_GT(pump.step(false), milliseconds(0));
  EXPECT_EQ(sink.resets, 1);
  pump.step(false);
  EXPECT_EQ(sink.resumed, 2);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{1}));
}

TEST_F(PumpSteps, BehindADestinationThatIsAheadNumberingGoesOnAndNothingNewIsTakenForStored) {
  const auto steps = [&] { return metrics.counter("penstock_sink_steps_total", "", {{"sink", "scripted"}}).value(); };
  for (int i = 0; i < 3; ++i) journal.append(logs({"a"}), 1);
  sink.start = 4;
  auto pump = cycle();
  pump.step(false);
  EXPECT_EQ(steps(), 0u) << "all was delivered before";
  sink.start = 9;
  auto later = cycle();
  for (int i = 0; i < 6; ++i) journal.append(logs({"b"}), 1);  // 4 … 9, which the destination has of somebody else
  for (int i = 0; i < 12; ++i) later.step(false);
  EXPECT_EQ(steps(), 1u);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{9, 10, 11, 12, 13, 14})) << "what came since the start, behind what the destination has";
  EXPECT_EQ(journal.append(logs({"c"}), 1), 15u);
  later.step(false);
  EXPECT_EQ(sink.frames.back(), 15u);
  EXPECT_EQ(metrics.counter("penstock_sink_dropped_total", "", {{"sink", "scripted"}, {"reason", "journal_gap"}}).value(), 0u);
}

// A folder that was copied while its sink stood at 4; the other copy has gone on to 6 since.
TEST_F(PumpSteps, WhatAnotherCopyOfTheFolderDeliveredIsNotTakenForOurs) {
  penstock::test::SimFileSystem files;
  ASSERT_TRUE(files.make_directories("/journal"));
  const auto mark = [&] { return DeliveryMark(files, "/journal", "scripted", journal); };
  sink.written_by = {0, 11};
  PumpCycle first(options, journal, sink, clock, metrics, mark());
  for (int i = 0; i < 3; ++i) {
    journal.append(logs({"a"}), 1);
    first.step(false);
  }
  sink.frames.clear();
  for (int i = 0; i < 5; ++i) journal.append(logs({"b"}), 1);  // 4 … 8, with the destination away
  sink.start = 6;
  sink.written_by = {99, 12};
  PumpCycle copy(options, journal, sink, clock, metrics, mark());
  for (int i = 0; i < 8; ++i) copy.step(false);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{6, 7, 8, 9, 10})) << "all five, behind what the other delivered";
  sink.frames.clear();
  sink.start = 10;
  sink.written_by = {12, 13};
  PumpCycle ours(options, journal, sink, clock, metrics, mark());
  for (int i = 0; i < 4; ++i) ours.step(false);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{10})) << "the last writer was this folder's";
}

TEST_F(PumpSteps, AFolderThatNeverMetTheDestinationHasDeliveredNothing) {
  penstock::test::SimFileSystem files;
  ASSERT_TRUE(files.make_directories("/journal"));
  { const DeliveryMark made(files, "/journal", "scripted", journal); }
  for (int i = 0; i < 3; ++i) journal.append(logs({"a"}), 1);
  const DeliveryMark mark(files, "/journal", "scripted", journal);
  EXPECT_EQ(mark.known_end({99, 12}), 1u);
  EXPECT_EQ(mark.known_end({0, 12}), 1u);
}

// A folder that was copied while its server ran, which went on: the last writer has the name that the copy knows.
TEST_F(PumpSteps, WhatWasTakenSinceAStartWithoutTheDestinationCannotBeThere) {
  penstock::test::SimFileSystem files;
  ASSERT_TRUE(files.make_directories("/journal"));
  { DeliveryMark(files, "/journal", "scripted", journal).note(11, 1); }
  for (int i = 0; i < 3; ++i) journal.append(logs({"a"}), 1);
  EXPECT_EQ(DeliveryMark(files, "/journal", "scripted", journal).known_end({11, 12}), 4u) << "it may have ended before it noted that";
  for (int i = 0; i < 5; ++i) journal.append(logs({"b"}), 1);
  DeliveryMark again(files, "/journal", "scripted", journal);
  EXPECT_EQ(again.known_end({11, 13}), 4u);
  again.note(13, 9);
  EXPECT_EQ(DeliveryMark(files, "/journal", "scripted", journal).known_end({13, 14}), 9u);
}

TEST_F(PumpSteps, WhatSomebodyElseWroteMeanwhileIsSteppedOver) {
  journal.append(logs({"a"}), 1);
  auto pump = cycle();
  pump.step(false);
  journal.append(logs({"b"}), 1);
  sink.consume_errors = {Error{ErrorCode::conflict, "moved", ""}};
  sink.start = 5;  // another server took 2, 3 and 4
  for (int i = 0; i < 5; ++i) pump.step(false);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{1, 5}));
}

TEST_F(PumpSteps, LookingForABadRecordDoesNotWait) {
  journal.append(logs({"a"}), 1);
  sink.consume_errors = {Error{ErrorCode::invalid_value, "bad", ""}};
  auto pump = cycle();
  EXPECT_EQ(pump.step(false), milliseconds(0));
  EXPECT_EQ(sink.resets, 1);
}

TEST_F(PumpSteps, RecordsMissingInTheJournalAreCounted) {
  for (int i = 0; i < 3; ++i) journal.append(logs({"a"}), 1);
  journal.drop_below(3);
  auto pump = cycle();
  pump.step(false);
  EXPECT_EQ(metrics.counter("penstock_sink_dropped_total", "",
                            {{"sink", "scripted"}, {"reason", "journal_gap"}}).value(), 2u);
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{3}));
}

TEST_F(PumpSteps, APlaceThatCannotBeReadHoldsTheRestUpForAWhileOnly) {
  for (int i = 0; i < 3; ++i) journal.append(logs({"a"}), 1);
  journal.spoil(2, 8);
  auto pump = cycle();
  int pauses = 0;
  for (int i = 0; i < 20; ++i) pauses += pump.step(false) > milliseconds(0) && sink.frames.size() < 2 ? 1 : 0;
  EXPECT_EQ(sink.frames, (std::vector<Sequence>{1, 3}));
  EXPECT_EQ(pauses, 8) << "one after each attempt";
  EXPECT_EQ(sink.resets, 0) << "what the sink has gathered is good";
}

TEST_F(PumpSteps, IdleIsCalledThoughFramesKeepComing) {
  auto pump = cycle();
  for (int i = 0; i < 10; ++i) {
    journal.append(logs({"a"}), 1);
    clock.advance(milliseconds(200));
    pump.step(false);
  }
  EXPECT_GE(sink.idled, 3);
}

TEST_F(PumpSteps, TheThreadDeliversWhatIsDurableBeforeItStops) {
  Pump pump(options, journal, sink, clock, metrics);
  pump.start();
  for (int i = 0; i < 20; ++i) journal.append(logs({"a"}), 1);
  pump.stop(penstock::test::kPatience);
  EXPECT_EQ(sink.delivered(), 21u);
  EXPECT_EQ(pump.state().phase, "stopped");
}

TEST_F(PumpSteps, StoppingDoesNotWaitForABackOff) {
  journal.append(logs({"a"}), 1);
  sink.consume_errors.assign(1000, unavailable());
  options.backoff_min = std::chrono::hours(1);
  options.backoff_max = std::chrono::hours(1);
  Pump pump(options, journal, sink, clock, metrics);
  pump.start();
  while (pump.state().errors == 0) std::this_thread::yield();
  const auto begun = std::chrono::steady_clock::now();
  pump.stop(milliseconds(0));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, penstock::test::kPatience);
}

}  // namespace
}  // namespace penstock::sinks::test
