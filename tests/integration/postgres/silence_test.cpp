// What is done about a server that is there and does not answer.
#include <signal.h>

#include <future>
#include <thread>

#include "postgres/connection_breaker.hpp"
#include "postgres/pqxx_session.hpp"
#include "server_fixture.hpp"
#include "support/patience.hpp"

namespace penstock::postgres::test {
namespace {

class SilenceTest : public DatabaseTest {
 protected:
  void wait_for(const std::string& what) {
    while (ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '" + what + "' AND pid <> pg_backend_pid()") == 0) {
      std::this_thread::yield();
    }
  }
};

TEST_F(SilenceTest, AStatementIsNotWaitedForBeyondItsTimeoutAndTheNetworks) {
  connection.statement_timeout = std::chrono::milliseconds(100);
  connection.network_timeout = std::chrono::milliseconds(200);
  auto open = PqConnection::open(connection);
  ASSERT_TRUE(open);
  const pid_t backend = (*open)->backend();
  ASSERT_EQ(kill(backend, SIGSTOP), 0);
  auto answer = (*open)->run("SELECT 1", "be asked");
  auto copied = (*open)->copy("COPY dead_letter FROM STDIN", "copy", [] { return true; });
  kill(backend, SIGCONT);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
  EXPECT_FALSE(copied);
  EXPECT_TRUE((*open)->silent());
  EXPECT_TRUE((*open)->broken());
}

TEST_F(SilenceTest, StatsDoNotWaitForAStoreThatDoesNotAnswer) {
  Options options = store_options();
  options.read_answer = std::chrono::milliseconds(200);
  options.connection.lock_timeout = options.connection.statement_timeout = 10 * penstock::test::kPatience;
  PgChunkStore store(options, metrics);
  tell("BEGIN; LOCK TABLE series IN ACCESS EXCLUSIVE MODE");
  const auto begun = std::chrono::steady_clock::now();
  auto first = std::async(std::launch::async, [&] { return store.stats(); });
  EXPECT_FALSE(first.get().available);
  EXPECT_FALSE(store.stats().available) << "at once: it was just tried";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, penstock::test::kPatience);
  tell("COMMIT");
  StoreStats stats;
  while (!(stats = store.stats()).available) std::this_thread::yield();
  EXPECT_EQ(stats.chunks, 0u);
}

TEST_F(SilenceTest, GivingUpEndsWhatWaitsAndOpensNothingMore) {
  connection.breaker = std::make_shared<ConnectionBreaker>();
  auto open = PqConnection::open(connection);
  ASSERT_TRUE(open);
  PqxxSession session(connection);
  auto first = std::async(std::launch::async, [&] { return (*open)->script("SELECT pg_sleep(600), 'one'", "sleep"); });
  auto second = std::async(std::launch::async, [&] {
    return session.transact("sleep", [](pqxx::work& work) { work.exec("SELECT pg_sleep(600), 'two'"); });
  });
  wait_for("%''one''");
  wait_for("%''two''");
  connection.breaker->give_up();
  for (auto* waiting : {&first, &second}) {
    const auto done = waiting->get();
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, ErrorCode::unavailable);
  }
  EXPECT_TRUE((*open)->broken());
  EXPECT_EQ(PqConnection::open(connection).error().code, ErrorCode::unavailable);
  EXPECT_EQ(session.transact("ask", [](pqxx::work& work) { work.exec("SELECT 1"); }).error().code,
            ErrorCode::unavailable);
}

TEST_F(SilenceTest, AConnectionThatIsOverLeavesTheBreaker) {
  connection.breaker = std::make_shared<ConnectionBreaker>();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(PqConnection::open(connection));
  connection.breaker->give_up();
  EXPECT_TRUE(connection.breaker->given_up());
  EXPECT_EQ(ask("SELECT 1"), 1) << "who is not in it is left alone";
}

}  // namespace
}  // namespace penstock::postgres::test
