#include <algorithm>
#include <string>
#include <thread>

#include "postgres/pq_transaction.hpp"
#include "server_fixture.hpp"

namespace penstock::postgres::test {
namespace {

class CommitTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    store = std::make_unique<PgChunkStore>(store_options(), metrics);
    ASSERT_EQ(*store->load_cursor(kJournal), 1u);
  }

  std::unique_ptr<PgChunkStore> store;
};

Series series_of(SeriesId id, const std::string& name, const std::string& source,
                 const std::string& deployment = "shop") {
  return {id, deployment, name, Labels::from({{"source", source}})};
}

TEST_F(CommitTest, WhatWasCommittedComesBackByteForByte) {
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i * 2654435761u >> 13);
  const Chunk first = chunk_of("shop", 20'777, 1, 10, bytes);
  const Chunk second = chunk_of("other", -3, 11, 5, "x", RecordKind::metric);
  ASSERT_TRUE(store->commit(commit_of(1, 16, {first, second})));
  EXPECT_EQ(*store->load_cursor(kJournal), 16u);
  const auto logs = stored(*store);
  ASSERT_EQ(logs.size(), 1u);
  EXPECT_EQ(logs[0].payload, first.payload);
  EXPECT_EQ(logs[0].header, first.header);
  EXPECT_EQ(logs[0].filter, first.filter);
  const ChunkMeta& m = logs[0].meta;
  EXPECT_EQ(m.journal, kJournal);
  EXPECT_EQ(m.deployment, "shop");
  EXPECT_EQ(m.day, 20'777);
  EXPECT_EQ(m.min_time, first.meta.min_time);
  EXPECT_EQ(m.max_time, first.meta.max_time);
  EXPECT_EQ(m.max_sequence, 10u);
  EXPECT_EQ(m.key_id, first.meta.key_id);
  const auto samples = stored(*store, RecordKind::metric);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].meta.day, -3);
  EXPECT_EQ(samples[0].meta.min_series, second.meta.min_series);
  EXPECT_EQ(samples[0].meta.max_series, second.meta.max_series) << "ids beyond 2^63 keep their order";
  auto snapshot = store->snapshot();
  EXPECT_EQ(*(*snapshot)->read_payload(m, 100'000, 17), bytes.substr(100'000, 17));
  EXPECT_EQ((*snapshot)->cursor(kJournal), 16u);
  EXPECT_EQ((*snapshot)->cursor(JournalId{1}), 0u);
}

TEST_F(CommitTest, AMovedCursorIsAConflictAndStoresNothing) {
  tell("UPDATE journal_cursor SET position = 5");
  auto done = store->commit(commit_of(1, 11, {chunk_of("shop", 20'000, 1, 10, "x")}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::conflict);
  EXPECT_TRUE(stored(*store).empty());
  EXPECT_EQ(*store->load_cursor(kJournal), 5u);
}

TEST_F(CommitTest, OfTwoWritersOfOneJournalTheLaterIsToldToStopAndTheEarlierGoesOn) {
  PgChunkStore later(store_options(), metrics);
  ASSERT_EQ(*later.load_cursor(kJournal), 1u) << "for all it knows the earlier one has ended";
  EXPECT_EQ(store->commit(commit_of(1, 2, {})).error().code, ErrorCode::conflict);
  ASSERT_EQ(*store->load_cursor(kJournal), 1u);
  EXPECT_EQ(later.commit(commit_of(1, 2, {})).error().code, ErrorCode::conflict);
  EXPECT_EQ(later.load_cursor(kJournal).error().code, ErrorCode::conflict);
  EXPECT_EQ(later.check_session(kJournal).error().code, ErrorCode::conflict);
  EXPECT_TRUE(store->check_session(kJournal));
  EXPECT_TRUE(store->commit(commit_of(1, 2, {})));
}

TEST_F(CommitTest, ADatabaseThatWasPutBackToAnEarlierSessionStopsNobody) {
  tell("UPDATE journal_cursor SET session = 5, session_since = 1");
  EXPECT_TRUE(store->check_session(kJournal));
  EXPECT_TRUE(store->commit(commit_of(1, 2, {})));
}

TEST_F(CommitTest, PartitionsOfAnyDayAreMadeWhenNeeded) {
  ASSERT_TRUE(store->prepare_partitions(kNow));
  EXPECT_EQ(ask("SELECT count(*) FROM pg_inherits WHERE inhparent = 'chunk'::regclass"), 3);
  ASSERT_TRUE(store->commit(commit_of(1, 4, {chunk_of("shop", 0, 1, 1, "a"), chunk_of("shop", -1, 2, 1, "b"),
                                             chunk_of("shop", 12'345, 3, 1, "c")})));
  EXPECT_EQ(ask("SELECT count(*) FROM pg_inherits WHERE inhparent = 'chunk'::regclass"), 6);
  EXPECT_EQ(ask("SELECT count(*) FROM chunk_d12345"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM pg_attribute WHERE attrelid = 'chunk_d12345'::regclass AND attname = 'payload' "
                "AND attstorage = 'e'"), 1);
}

TEST_F(CommitTest, MakingAPartitionDoesNotWaitForReaders) {
  ASSERT_TRUE(store->commit(commit_of(1, 2, {chunk_of("shop", 100, 1, 1, "a")})));
  auto reading = store->snapshot();
  ASSERT_TRUE(reading);
  ChunkFilter all;
  all.to.ns = 200 * kDay;
  int seen = 0;
  ASSERT_TRUE((*reading)->chunks(all, [&](const Chunk&) { return ++seen > 0; }));
  auto done = store->commit(commit_of(2, 3, {chunk_of("shop", 101, 2, 1, "b")}));
  EXPECT_TRUE(done) << done.error().message;
  seen = 0;
  ASSERT_TRUE((*reading)->chunks(all, [&](const Chunk&) { return ++seen > 0; }));
  EXPECT_EQ(seen, 1) << "a snapshot stays the same";
}

TEST_F(CommitTest, TwoSeriesUnderOneIdAreACollisionThatNamesThem) {
  auto commit = commit_of(1, 2, {});
  commit.series = {series_of(0xf00000000000000bu, "cpu", "a"), series_of(1, "cpu", "b")};
  ASSERT_TRUE(store->commit(commit));
  EXPECT_EQ(ask("SELECT count(*) FROM series"), 2);
  auto again = commit_of(2, 3, {});
  again.series = {series_of(0xf00000000000000bu, "cpu", "a"), series_of(1, "cpu", "b")};
  ASSERT_TRUE(store->commit(again)) << "the same series again is none";
  for (const bool fresh : {false, true}) {
    if (fresh) {
      store = std::make_unique<PgChunkStore>(store_options(), metrics);
      ASSERT_TRUE(store->load_cursor(kJournal));
    }
    auto collision = commit_of(3, 4, {});
    collision.series = {series_of(0xf00000000000000bu, "ram", "a")};
    auto done = store->commit(collision);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::series_collision);
    EXPECT_EQ(done.error().field, "shop/f00000000000000b");
  }
  auto twice = commit_of(3, 4, {});
  twice.series = {series_of(77, "a", "x"), series_of(77, "b", "x")};
  EXPECT_EQ(store->commit(twice).error().code, ErrorCode::series_collision);
  EXPECT_EQ(*store->load_cursor(kJournal), 3u);
}

TEST_F(CommitTest, SeriesAreFoundByNameLabelsAndDeployment) {
  auto commit = commit_of(1, 2, {});
  for (SeriesId i = 0; i < 1200; ++i) {
    const SeriesId id = i * 0x123456789abcdefu;
    commit.series.push_back(series_of(id, i % 2 ? "cpu" : "ram", "pi-" + std::to_string(i)));
  }
  commit.series.push_back(Series{9, "other", "cpu", Labels::from({{"source", "pi-1"}, {"quote", "\"\\ '\u00e9"}})});
  ASSERT_TRUE(store->commit(commit));
  auto snapshot = store->snapshot();
  const auto count = [&](const SeriesFilter& filter) {
    int n = 0;
    EXPECT_TRUE((*snapshot)->series(filter, [&](const Series&) { return ++n > 0; }));
    return n;
  };
  EXPECT_EQ(count({}), 1201);
  EXPECT_EQ(count({{"shop"}, "cpu", {}}), 600);
  EXPECT_EQ(count({{}, "cpu", {{"source", "pi-1"}}}), 2);
  int seen = 0;
  ASSERT_TRUE((*snapshot)->series({{"other"}, "", {}}, [&](const Series& s) {
    EXPECT_EQ(s.labels, commit.series.back().labels);
    EXPECT_EQ(s.id, 9u);
    return ++seen > 0;
  }));
  EXPECT_EQ(seen, 1);
}

TEST_F(CommitTest, ASeriesIsFoundOnTheDaysOfItsSamplesOnly) {
  const auto days = [&](Timestamp from, Timestamp to) {
    auto snapshot = store->snapshot();
    std::string found;
    EXPECT_TRUE((*snapshot)->series({{}, "", {}, from, to}, [&](const Series& s) { return !(found += s.name).empty(); }));
    return found;
  };
  auto commit = commit_of(1, 2, {});
  commit.series = {SeenSeries(series_of(1, "a", "x"), 100, 100), SeenSeries(series_of(2, "b", "x"), 103, 103),
                   SeenSeries(series_of(1, "a", "x"), 101, 101)};
  ASSERT_TRUE(store->commit(commit)) << "one of them twice";
  EXPECT_EQ(days({101 * kDay}, {102 * kDay}), "a");
  EXPECT_EQ(days({102 * kDay}, {102 * kDay}), "");
  EXPECT_EQ(days({0}, {103 * kDay}), "ab");
  auto later = commit_of(2, 3, {});
  later.series = {SeenSeries(series_of(1, "a", "x"), 104, 104), SeenSeries(series_of(2, "b", "x"), 103, 103)};
  ASSERT_TRUE(store->commit(later));
  EXPECT_EQ(days({104 * kDay}, {105 * kDay}), "a");
  EXPECT_EQ(ask("SELECT first_day FROM series WHERE name = 'a'"), 100);
}

TEST_F(CommitTest, BytesThatPostgresCannotTakeAreInvalidNotUnavailable) {
  auto commit = commit_of(1, 2, {});
  commit.series = {series_of(3, std::string("bad \0 name", 10), "a")};  // bytes that are no UTF-8 are repaired on the way
  EXPECT_EQ(store->commit(commit).error().code, ErrorCode::invalid_value);
  EXPECT_EQ(*store->load_cursor(kJournal), 1u);
}

TEST_F(CommitTest, AMissingTableOrPermissionIsWaitedOut) {
  tell("ALTER TABLE dead_letter RENAME TO elsewhere");
  auto commit = commit_of(1, 2, {});
  commit.dead_letters = {{kJournal, 1, "invalid_value", "why", std::string("\0\1\2", 3)}};
  EXPECT_EQ(store->commit(commit).error().code, ErrorCode::unavailable);
  tell("ALTER TABLE elsewhere RENAME TO dead_letter");
  EXPECT_TRUE(store->commit(commit));
  EXPECT_EQ(ask("SELECT octet_length(batch) FROM dead_letter WHERE sequence = 1"), 3);
}

TEST_F(CommitTest, AConnectionKilledBetweenCommitsIsReplacedOnTheNextCall) {
  tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
       "pg_backend_pid()");
  auto first = store->commit(commit_of(1, 2, {chunk_of("shop", 100, 1, 1, "a")}));
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, ErrorCode::unavailable);
  EXPECT_EQ(*store->load_cursor(kJournal), 1u);
  EXPECT_TRUE(store->commit(commit_of(1, 2, {chunk_of("shop", 100, 1, 1, "a")})));
  EXPECT_EQ(stored(*store).size(), 1u);
}

// The backend is killed at some point of a commit; whatever came of it, the cursor tells it, and each record is stored
// once.
TEST_F(CommitTest, CommitsInDoubtAreDecidedByTheCursor) {
  std::atomic<bool> done{false};
  std::thread killer([&] {
    auto session = *PqConnection::open(connection);
    while (!done) {
      auto killed = session->run(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
          "pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'",
          "kill");
      auto paused = session->run("SELECT pg_sleep(0.001)", "pause");
    }
  });
  const std::string payload(20'000, 'p');
  int failures = 0, stored_though_failed = 0;
  Sequence cursor = 1;
  while (cursor < 151) {
    auto committed = store->commit(commit_of(cursor, cursor + 1, {chunk_of("shop", 100, cursor, 1, payload)}));
    if (committed) {
      ++cursor;
      continue;
    }
    ASSERT_EQ(committed.error().code, ErrorCode::unavailable) << committed.error().message;
    ++failures;
    Result<Sequence> loaded = Error{};
    while (!(loaded = store->load_cursor(kJournal))) {
    }
    ASSERT_TRUE(*loaded == cursor || *loaded == cursor + 1);
    if (*loaded == cursor + 1) ++stored_though_failed;
    cursor = *loaded;
  }
  done = true;
  killer.join();
  side = *PqConnection::open(connection);
  EXPECT_EQ(ask("SELECT count(*) FROM chunk"), 150);
  EXPECT_EQ(ask("SELECT count(DISTINCT min_sequence) FROM chunk"), 150);
  EXPECT_GT(failures, 0) << "the test killed nothing";
  RecordProperty("stored_though_failed", stored_though_failed);
}

TEST_F(CommitTest, LoadingTheCursorWaitsForAnUnfinishedWriter) {
  auto other = *PqConnection::open(connection);
  auto transaction = *PqTransaction::start(*other);
  ASSERT_TRUE(other->run("UPDATE journal_cursor SET position = 7", "write"));
  EXPECT_EQ(store->load_cursor(kJournal).error().code, ErrorCode::unavailable) << "undecided as long as it runs";
  ASSERT_TRUE(transaction.commit());
  EXPECT_EQ(*store->load_cursor(kJournal), 7u);
}

TEST_F(CommitTest, AnInterruptedSnapshotEndsAndHarmsNobodyElse) {
  auto snapshot = store->snapshot();
  ASSERT_TRUE(snapshot);
  (*snapshot)->cancel();
  ChunkFilter all;
  all.to.ns = 200 * kDay;
  EXPECT_EQ((*snapshot)->chunks(all, [](const Chunk&) { return true; }).error().code, ErrorCode::canceled);
  snapshot->reset();
  auto next = store->snapshot();
  ASSERT_TRUE(next);
  EXPECT_TRUE((*next)->chunks(all, [](const Chunk&) { return true; }));
}

TEST_F(CommitTest, SnapshotsAreLimitedAndWaitedForOnlySoLong) {
  Options few = store_options();
  few.read_connections = 2;
  few.read_wait = std::chrono::milliseconds(50);
  PgChunkStore small(few, metrics);
  auto one = small.snapshot(), two = small.snapshot();
  ASSERT_TRUE(one && two);
  auto three = small.snapshot();
  ASSERT_FALSE(three);
  EXPECT_EQ(three.error().code, ErrorCode::overloaded);
  one->reset();
  EXPECT_TRUE(small.snapshot());
}

TEST_F(CommitTest, ChunksAreFilteredByEverythingThatPlanningKnows) {
  std::vector<Chunk> chunks =
      {chunk_of("shop", 100, 1, 10, "a"), chunk_of("shop", 101, 11, 10, "b"), chunk_of("other", 101, 21, 10, "c")};
  chunks[1].meta.max_severity = 2;
  ASSERT_TRUE(store->commit(commit_of(1, 31, chunks)));
  auto snapshot = store->snapshot();
  const auto found = [&](const ChunkFilter& filter) {
    std::string names;
    EXPECT_TRUE((*snapshot)->chunks(filter, [&](const Chunk& c) {
      names += *(*snapshot)->read_payload(c.meta, 0, 1);
      return true;
    }));
    return names;
  };
  ChunkFilter filter;
  filter.to.ns = 200 * kDay;
  EXPECT_EQ(found(filter), "cba") << "newest first";
  filter.deployments = {"shop"};
  EXPECT_EQ(found(filter), "ba");
  filter.min_severity = Severity::error;
  EXPECT_EQ(found(filter), "a");
  filter.min_severity.reset();
  filter.containing = RecordId{kJournal, 12};
  EXPECT_EQ(found(filter), "b");
  filter.containing.reset();
  filter.arrived = SequenceRange{kJournal, 12, 13};
  EXPECT_EQ(found(filter), "b");
  filter.arrived = SequenceRange{kJournal, 1, 11};
  EXPECT_EQ(found(filter), "a");
  filter.arrived = SequenceRange{JournalId{kJournal.value + 1}, 1, 1000};
  EXPECT_EQ(found(filter), "");
  filter.arrived.reset();
  filter.from.ns = 101 * kDay;
  EXPECT_EQ(found(filter), "b");
  filter.to.ns = 101 * kDay + kHour;
  EXPECT_EQ(found(filter), "") << "the end is exclusive";
  filter.kind = RecordKind::metric;
  EXPECT_EQ(found(filter), "");
}

}  // namespace
}  // namespace penstock::postgres::test
