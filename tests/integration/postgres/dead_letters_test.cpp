// Dead letters in a real Postgres: pages, holding one against another server, and what a failure leaves.
#include <thread>

#include "postgres/pg_dead_letters.hpp"
#include "server_fixture.hpp"

namespace penstock::postgres::test {
namespace {

class DeadLettersTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    store = std::make_unique<PgChunkStore>(store_options(), metrics);
    ASSERT_EQ(*store->load_cursor(kJournal), 1u);
    auto commit = commit_of(1, 11, {});
    for (Sequence i = 1; i <= 10; ++i) {
      commit.dead_letters.push_back({kJournal, i, "invalid_value", "why " + std::to_string(i), std::string("\0\xff", 2) + std::string(98, 'x')});
    }
    ASSERT_TRUE(store->commit(commit));
    letters = std::make_unique<PgDeadLetters>(store_options());
  }

  std::unique_ptr<PgChunkStore> store;
  std::unique_ptr<PgDeadLetters> letters;
};

TEST_F(DeadLettersTest, ComeInPagesOfSoManyAndOfSoManyBytes) {
  const auto first = letters->list({}, 4, 1u << 20);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_EQ(first->size(), 4u);
  EXPECT_EQ(first->at(0).letter.sequence, 1u);
  EXPECT_EQ(first->at(0).letter.detail, "why 1");
  EXPECT_EQ(first->at(0).letter.batch.substr(0, 3), std::string("\0\xffx", 3));
  EXPECT_GT(first->at(0).kept_at.ns, kNow.ns - 3650 * kDay);
  const auto rest = letters->list({kJournal, 4}, 100, 1u << 20);
  EXPECT_EQ(rest->size(), 6u);
  EXPECT_EQ(rest->front().letter.sequence, 5u);
  EXPECT_EQ(letters->list({}, 100, 250)->size(), 3u) << "the one that passes the limit is the last";
  EXPECT_EQ(letters->list({}, 100, 1)->size(), 1u) << "never none while there are any";
  EXPECT_TRUE(letters->list({kJournal, 10}, 100, 1000)->empty());
}

TEST_F(DeadLettersTest, AreGoneOnceTheirUseSucceeded) {
  EXPECT_EQ(letters->find({kJournal, 3})->letter.detail, "why 3");
  std::string seen;
  ASSERT_TRUE(letters->take({kJournal, 3}, {}, [&](const DeadLetter& letter) -> Result<void> {
    seen = letter.detail;
    return {};
  }));
  EXPECT_EQ(seen, "why 3");
  EXPECT_EQ(letters->find({kJournal, 3}).error().code, ErrorCode::not_found);
  EXPECT_EQ(letters->take({kJournal, 3}, {}, [](const DeadLetter&) { return Result<void>(); }).error().code, ErrorCode::not_found);
  EXPECT_EQ(ask("SELECT count(*) FROM dead_letter"), 9);
}

TEST_F(DeadLettersTest, StayWhenTheirUseFailed) {
  const auto failed = letters->take({kJournal, 3}, {}, [](const DeadLetter&) -> Result<void> {
    return Error{ErrorCode::storage_full, "full", ""};
  });
  EXPECT_EQ(failed.error().code, ErrorCode::storage_full);
  EXPECT_EQ(ask("SELECT count(*) FROM dead_letter"), 10);
  EXPECT_TRUE(letters->take({kJournal, 3}, {}, [](const DeadLetter&) { return Result<void>(); })) << "nothing is held any more";
}

TEST_F(DeadLettersTest, StayWhenTheConnectionBreaksInTheMiddle) {
  const auto broken = letters->take({kJournal, 3}, {}, [this](const DeadLetter&) -> Result<void> {
    tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    return {};
  });
  EXPECT_EQ(broken.error().code, ErrorCode::unavailable);
  EXPECT_EQ(ask("SELECT count(*) FROM dead_letter"), 10);
  EXPECT_EQ(letters->list({}, 100, 1u << 20)->size(), 10u) << "over a new connection";
}

TEST_F(DeadLettersTest, AreNotUsedByTwoServersAtOnce) {
  PgDeadLetters other(store_options());
  std::thread second;
  int used = 0;
  Result<void> of_second;
  ASSERT_TRUE(letters->take({kJournal, 3}, {}, [&](const DeadLetter&) -> Result<void> {
    ++used;
    second = std::thread([&] {
      of_second = other.take({kJournal, 3}, {}, [&](const DeadLetter&) -> Result<void> {
        ++used;
        return {};
      });
    });
    while (ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == 0) {
      std::this_thread::yield();
    }
    return {};
  }));
  second.join();
  EXPECT_EQ(used, 1);
  ASSERT_FALSE(of_second);
  EXPECT_EQ(of_second.error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace penstock::postgres::test
