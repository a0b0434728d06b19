#include "sinks/store/store_sink.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "penstock/ports/sealer.hpp"
#include "sink_test_tools.hpp"
#include "sinks/pump_cycle.hpp"
#include "sinks/store/dead_letters.hpp"
#include "stored_records.hpp"

namespace penstock::sinks::test {
namespace {

using Call = FakeChunkStore::Call;

class StoreSinkTest : public ::testing::Test {
 protected:
  // A sink and its pump, as after a start of the process.
  void boot() {
    cycle.reset();
    sink = std::make_unique<StoreSink>(options, journal.id(), store, sealer, clock, metrics);
    cycle = std::make_unique<PumpCycle>(PumpOptions{}, journal, *sink, clock, metrics);
  }
  // Until everything durable is stored, or so many steps were made.
  void drain(int steps = 2000) {
    if (!cycle) boot();
    for (int i = 0; i < steps && !cycle->finished(); ++i) {
      cycle->step(true);
      clock.advance(std::chrono::milliseconds(100));
    }
  }
  std::vector<std::string> stored() { return stored_messages(store, sealer); }

  StoreSinkOptions options;
  FakeJournal journal;
  FakeClock clock;
  FakeChunkStore store;
  PlainSealer sealer;
  metrics::Registry metrics;
  std::unique_ptr<StoreSink> sink;
  std::unique_ptr<PumpCycle> cycle;
};

std::vector<std::string> numbered(int from, int to) {
  std::vector<std::string> all;
  for (int i = from; i < to; ++i) all.push_back("m" + std::to_string(100'000 + i));
  return all;
}

TEST_F(StoreSinkTest, EverythingGatheredAndTheCursorGoIntoOneCommit) {
  journal.append(logs({"a", "b"}), 2);
  journal.append(logs({"c"}, "other"), 1);
  journal.append(logs({"d"}, "shop", Timestamp{kNow.ns - kDay}), 1);
  journal.append(point("pi", {{"cpu", 1}, {"ram", 2}}), 1);
  drain();
  EXPECT_EQ(store.commits(), (std::vector<std::pair<Sequence, Sequence>>{{1, 6}}));
  EXPECT_EQ(store.all_chunks().size(), 4u) << "shop today, other today, shop yesterday, metrics";
  EXPECT_EQ(stored(), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(store.all_series().size(), 2u);
  EXPECT_EQ(store.cursor_of(journal.id()), 6u);
  EXPECT_EQ(journal.cursor("postgres"), 6u);
}

TEST_F(StoreSinkTest, CommitsWhenTheIntervalIsOverAndNotBefore) {
  boot();
  journal.append(logs({"a"}), 1);
  cycle->step(false);
  clock.advance(std::chrono::milliseconds(4'900));
  cycle->step(false);
  EXPECT_TRUE(store.commits().empty());
  clock.advance(std::chrono::milliseconds(200));
  cycle->step(false);
  EXPECT_EQ(store.commits().size(), 1u);
}

TEST_F(StoreSinkTest, CommitsWhenEnoughBytesOrRecordsAreGathered) {
  options.flush_records = 3;
  boot();
  journal.append(logs({"a", "b"}), 2);
  cycle->step(false);
  EXPECT_TRUE(store.commits().empty());
  journal.append(logs({"c"}), 1);
  cycle->step(false);
  EXPECT_EQ(store.commits().size(), 1u);
  options.flush_bytes = 1;
  boot();
  journal.append(logs({"d"}), 1);
  cycle->step(false);
  EXPECT_EQ(store.commits().size(), 2u);
}

// Of a series without end of new ones the catalog's rows are larger than the samples.
TEST_F(StoreSinkTest, NewSeriesCountForWhatIsGathered) {
  options.flush_bytes = 256u << 10;
  options.flush_interval = std::chrono::hours(1);
  for (int i = 0; i < 100; ++i) journal.append(point("pi-" + std::to_string(i) + std::string(1'000, 'x'), {{"a", 1}, {"b", 2}, {"c", 3}}), 1);
  drain();
  EXPECT_EQ(store.all_series().size(), 300u);
  EXPECT_GT(store.commits().size(), 1u);
  const std::size_t commits = store.commits().size();
  for (int i = 0; i < 100; ++i) journal.append(point("pi-" + std::to_string(i) + std::string(1'000, 'x'), {{"a", 1}, {"b", 2}, {"c", 3}}), 1);
  drain();
  EXPECT_EQ(store.commits().size(), commits + 1) << "now they are known";
}

TEST_F(StoreSinkTest, FlushNowDoesNotWaitForTheInterval) {
  boot();
  journal.append(logs({"a"}), 1);
  cycle->step(false);
  sink->flush_now();
  cycle->step(false);
  EXPECT_EQ(store.commits().size(), 1u);
}

TEST_F(StoreSinkTest, WhileTheStoreIsAwayNothingMoreIsTakenAndNothingIsLost) {
  options.flush_records = 10;
  boot();
  for (int i = 0; i < 50; ++i) journal.append(logs(numbered(i * 10, i * 10 + 10)), 10);
  cycle->step(false);
  store.set_away(true);
  for (int i = 0; i < 20; ++i) cycle->step(false);
  EXPECT_EQ(store.commits().size(), 1u);
  EXPECT_GE(journal.durable_end() - sink->delivered(), 490u);
  store.set_away(false);
  drain();
  EXPECT_EQ(stored(), numbered(0, 500));
}

TEST_F(StoreSinkTest, MemoryStaysBoundedHoweverLargeAFrameIs) {
  options.memory_limit = 256u << 10;
  std::vector<std::string> large;
  for (int i = 0; i < 200; ++i) {
    large.push_back(std::to_string(100 + i) + std::string(16'000, static_cast<char>('a' + i % 26)));
  }
  journal.append(logs(large), 200);
  drain();
  EXPECT_EQ(stored(), large);
  EXPECT_GT(store.commits().size(), 5u) << "one frame, in parts";
  const auto commits = store.commits();
  for (std::size_t i = 1; i < commits.size(); ++i) EXPECT_EQ(commits[i].first, commits[i - 1].second);
}

TEST_F(StoreSinkTest, ManyDaysMakeSeveralCommits) {
  options.max_days = 4;
  for (int day = 0; day < 20; ++day) {
    journal.append(logs({"m" + std::to_string(100 + day)}, "shop", Timestamp{kNow.ns - day * kDay}), 1);
  }
  drain();
  EXPECT_EQ(stored().size(), 20u);
  EXPECT_GE(store.commits().size(), 4u);
}

TEST_F(StoreSinkTest, ACommitThatWasDoneThoughItSeemedLostIsNotRepeated) {
  journal.append(logs({"a", "b"}), 2);
  store.commit_but_answer(unavailable());
  drain();
  journal.append(logs({"c"}), 1);
  drain();
  EXPECT_EQ(stored(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(store.commits(), (std::vector<std::pair<Sequence, Sequence>>{{1, 3}, {3, 4}}));
}

TEST_F(StoreSinkTest, WhatAnotherWriterDidTakesNoRecordsPlace) {
  journal.append(logs({"a", "b", "c"}), 3);
  boot();
  cycle->step(false);
  store.set_cursor(journal.id(), 3);
  drain();
  EXPECT_EQ(stored(), (std::vector<std::string>{"a", "b", "c"})) << "they go on behind it";
  EXPECT_EQ(store.cursor_of(journal.id()), 6u);
}

// Refuses every commit that holds a log with "poison" in its text.
std::function<std::optional<Error>(const StoreCommit&)> no_poison(PlainSealer& sealer) {
  return [&sealer](const StoreCommit& commit) -> std::optional<Error> {
    for (const auto& chunk : commit.chunks) {
      for (const auto& message : messages_of(chunk, sealer)) {
        if (message.find("poison") != std::string::npos) return Error{ErrorCode::invalid_value, "22021", ""};
      }
    }
    return std::nullopt;
  };
}

TEST_F(StoreSinkTest, APoisonRecordIsFoundAndEverythingElseIsStored) {
  store.judge(no_poison(sealer));
  for (int i = 0; i < 30; ++i) {
    auto messages = numbered(i * 10, i * 10 + 10);
    if (i == 17) messages[3] = "poison";
    journal.append(logs(messages), 10);
  }
  drain();
  auto expected = numbered(0, 300);
  std::erase(expected, "m100173");
  EXPECT_EQ(stored(), expected);
  ASSERT_EQ(store.dead_letters().size(), 1u);
  const DeadLetter letter = store.dead_letters()[0];
  EXPECT_EQ(letter.sequence, 174u);
  EXPECT_EQ(letter.reason, "invalid_value");
  auto batch = open_dead_letter(sealer, letter);
  ASSERT_TRUE(batch);
  BatchReader reader(*batch);
  RecordView record;
  ASSERT_TRUE(reader.next(record));
  EXPECT_EQ(record.log.message, "poison");
  EXPECT_LE(store.calls(Call::commit), 40) << "halving, not one by one";
}

TEST_F(StoreSinkTest, SeveralPoisonRecordsAndABadRestInBetween) {
  store.judge(no_poison(sealer));
  auto messages = numbered(0, 64);
  for (const int bad : {0, 1, 31, 62, 63}) messages[static_cast<std::size_t>(bad)] = "poison" + std::to_string(bad);
  journal.append(logs(messages), 64);
  store.fail(Call::commit, unavailable(), 2);
  store.commit_but_answer(unavailable(), 2);
  drain();
  EXPECT_EQ(stored().size(), 59u);
  EXPECT_EQ(store.dead_letters().size(), 5u);
  EXPECT_EQ(store.cursor_of(journal.id()), 65u);
}

TEST_F(StoreSinkTest, DataThatIsRefusedEvenAsADeadLetterLeavesItsPlaceAndReason) {
  store.judge([](const StoreCommit& commit) -> std::optional<Error> {
    const bool bytes = std::any_of(commit.dead_letters.begin(), commit.dead_letters.end(),
                                   [](const DeadLetter& d) { return !d.batch.empty(); });
    if (commit.chunks.empty() && !bytes) return std::nullopt;
    return Error{ErrorCode::invalid_value, "never", ""};
  });
  journal.append(logs({"a"}), 1);
  drain();
  ASSERT_EQ(store.dead_letters().size(), 1u);
  EXPECT_EQ(store.dead_letters()[0].batch, "");
  EXPECT_EQ(store.cursor_of(journal.id()), 2u);
}

TEST_F(StoreSinkTest, ASeriesWhoseIdIsTakenGoesToTheDeadLettersAndStopsNothing) {
  const Labels labels = Labels::from({{"source", "pi"}});
  store.put(Series{series_id("shop", "cpu", labels), "shop", "something else", labels});
  for (int i = 0; i < 3; ++i) journal.append(point("pi", {{"cpu", 1}, {"ram", 2}}), 1);
  drain();
  EXPECT_EQ(store.cursor_of(journal.id()), 4u);
  EXPECT_EQ(store.dead_letters().size(), 3u);
  EXPECT_EQ(store.dead_letters()[0].reason, "series_collision");
  std::uint64_t samples = 0;
  for (const auto& chunk : store.all_chunks()) samples += chunk.meta.record_count;
  EXPECT_EQ(samples, 3u) << "the other metric of the same points is stored";
  EXPECT_LE(store.calls(Call::commit), 4) << "known from then on";
}

TEST_F(StoreSinkTest, SeriesAreSentOnceUntilTheStoreMayHaveChanged) {
  std::vector<std::size_t> sent;
  store.judge([&sent](const StoreCommit& commit) -> std::optional<Error> {
    sent.push_back(commit.series.size());
    return std::nullopt;
  });
  journal.append(point("pi", {{"cpu", 1}}), 1);
  drain();
  journal.append(point("pi", {{"cpu", 2}}), 1);
  drain();
  boot();
  journal.append(point("pi", {{"cpu", 3}}), 1);
  drain();
  EXPECT_EQ(sent, (std::vector<std::size_t>{1, 0, 1}));
}

TEST_F(StoreSinkTest, SeriesAreSentAgainWithEachNewDay) {
  std::vector<std::pair<std::int32_t, std::int32_t>> days;
  store.judge([&](const StoreCommit& commit) -> std::optional<Error> {
    for (const auto& series : commit.series) days.emplace_back(series.first_day, series.last_day);
    return std::nullopt;
  });
  const std::int32_t today = day_of(kNow);
  for (const int ahead : {0, 0, 1, -2, -1, 1}) {
    journal.append(point("pi", {{"cpu", 1}}, "shop", Timestamp{kNow.ns + ahead * kDay}), 1);
    drain();
  }
  EXPECT_EQ(days, (std::vector<std::pair<std::int32_t, std::int32_t>>{{today, today}, {today + 1, today + 1}, {today - 2, today - 2}}));
  ASSERT_EQ(store.all_series().size(), 1u);
}

// Has no key for the first `refusals` times it is asked.
class LockedSealer final : public Sealer {
 public:
  explicit LockedSealer(int refusals) : refusals_(refusals) {}
  Result<KeyId> key_for(std::string_view) override {
    if (refusals_-- > 0) return Error{ErrorCode::key_mismatch, "no key", ""};
    return KeyId{0};
  }
  Result<std::string> seal(KeyId, std::string_view, std::string_view plain) override { return std::string(plain); }
  Result<std::string> open(KeyId, std::string_view, std::string_view sealed) override { return std::string(sealed); }

 private:
  int refusals_;
};

TEST_F(StoreSinkTest, AKeyThatCannotBeHadIsWaitedForWithoutTakingMore) {
  LockedSealer locked(5);
  options.flush_records = 2;
  StoreSink waiting(options, journal.id(), store, locked, clock, metrics);
  PumpCycle pump(PumpOptions{}, journal, waiting, clock, metrics);
  for (int i = 0; i < 10; ++i) journal.append(logs(numbered(i * 2, i * 2 + 2)), 2);
  for (int i = 0; i < 100 && !pump.finished(); ++i) pump.step(true);
  EXPECT_EQ(stored(), numbered(0, 20));
  EXPECT_EQ(store.commits().size(), 10u);
}

TEST_F(StoreSinkTest, WhatComesWhileAKeyIsMissingDoesNotJoinTheCommitThatWaits) {
  LockedSealer locked(1);
  StoreSink waiting(options, journal.id(), store, locked, clock, metrics);
  PumpCycle pump(PumpOptions{}, journal, waiting, clock, metrics);
  std::vector<std::vector<std::string>> committed;
  store.judge([&](const StoreCommit& commit) -> std::optional<Error> {
    committed.emplace_back();
    for (const auto& chunk : commit.chunks) committed.back() = messages_of(chunk, sealer);
    return std::nullopt;
  });
  journal.append(logs({"a"}), 1);
  pump.step(false);
  clock.advance(options.flush_interval);
  EXPECT_GT(pump.step(false), std::chrono::milliseconds(0)) << "no key";
  journal.append(logs({"b"}), 1);
  for (int i = 0; i < 10 && !pump.finished(); ++i) pump.step(true);
  EXPECT_EQ(store.commits(), (std::vector<std::pair<Sequence, Sequence>>{{1, 2}, {2, 3}}));
  EXPECT_EQ(committed, (std::vector<std::vector<std::string>>{{"a"}, {"b"}})) << "b lies beyond the first cursor";
}

TEST_F(StoreSinkTest, ABatchThatCannotBeReadIsCountedAndPassed) {
  journal.append(logs({"a"}), 1);
  journal.append("this is no batch", 3);
  journal.append(logs({"b"}), 1);
  drain();
  EXPECT_EQ(stored(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(store.dead_letters().size(), 3u);
}

// Faults of every kind at random, and restarts between: exactly once, whatever happens.
class StoreSinkLedger : public StoreSinkTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(StoreSinkLedger, EachRecordIsStoredExactlyOnce) {
  std::mt19937 random(GetParam());
  const auto chance = [&random](unsigned percent) { return random() % 100 < percent; };
  options.flush_records = 7;
  options.flush_interval = std::chrono::milliseconds(300);
  store.judge(no_poison(sealer));
  std::vector<std::string> expected;
  int poisoned = 0;
  boot();
  for (int i = 0; i < 120; ++i) {
    auto messages = numbered(i * 5, i * 5 + static_cast<int>(random() % 5) + 1);
    if (chance(4)) {
      messages.front() = "poison";
      ++poisoned;
    }
    for (const auto& m : messages) {
      if (m != "poison") expected.push_back(m);
    }
    journal.append(logs(messages), static_cast<std::uint32_t>(messages.size()));
    if (chance(10)) store.fail(Call::commit, unavailable(), static_cast<int>(random() % 3) + 1);
    if (chance(10)) store.commit_but_answer(unavailable());
    if (chance(5)) store.fail(Call::load_cursor, unavailable());
    if (chance(5)) store.set_away(true);
    if (chance(30)) store.set_away(false);
    if (chance(5)) boot();
    for (unsigned steps = random() % 4; steps > 0; --steps) cycle->step(false);
    clock.advance(std::chrono::milliseconds(random() % 200));
  }
  store.set_away(false);
  drain(20'000);
  EXPECT_EQ(stored(), expected);
  EXPECT_EQ(store.dead_letters().size(), static_cast<std::size_t>(poisoned));
  EXPECT_EQ(store.cursor_of(journal.id()), journal.durable_end());
}

INSTANTIATE_TEST_SUITE_P(Seeds, StoreSinkLedger, ::testing::Range(1u, 21u));

}  // namespace
}  // namespace penstock::sinks::test
