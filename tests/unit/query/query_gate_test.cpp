#include "query/query_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "query_world.hpp"
#include "support/patience.hpp"

namespace penstock::query::test {
namespace {

using penstock::test::kPatience;

// Looks again until it holds; false when patience ends.
bool soon(const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

struct GateTest : testing::Test {
  StopFlag go{false};
  QueryGate gate{{.places = 2, .waiting_long = 4, .admission_wait = kPatience}};
  std::mutex mutex;
  std::vector<std::string> order;  // who came in
  std::vector<std::thread> threads;

  // Comes in on a thread of its own, says so, and leaves at once.
  void pass_later(const std::string& caller, bool is_long) {
    const auto before = gate.counts();
    threads.emplace_back([this, caller, is_long] {
      auto place = gate.enter(caller, is_long, go, kPatience);
      ASSERT_TRUE(place.has_value());
      const std::lock_guard lock(mutex);
      order.push_back(caller);
    });
    ASSERT_TRUE(soon([&] { return gate.counts().waiting + gate.counts().long_waiting > before.waiting + before.long_waiting; }));
  }
  QueryGate::Place come(const std::string& caller, bool is_long = false) {
    auto place = gate.enter(caller, is_long, go, kPatience);
    EXPECT_TRUE(place.has_value());
    return std::move(*place);
  }
  void TearDown() override {
    for (auto& thread : threads) thread.join();
  }
};

TEST_F(GateTest, WhoeverHoldsTheFewestPlacesGoesFirst) {
  auto first = std::make_unique<QueryGate::Place>(come("a"));
  auto second = std::make_unique<QueryGate::Place>(come("a"));
  pass_later("a", false);
  pass_later("a", false);
  pass_later("b", false);
  first.reset();
  for (auto& thread : threads) thread.join();
  threads.clear();
  EXPECT_EQ(order, (std::vector<std::string>{"b", "a", "a"}));
}

TEST_F(GateTest, AShortOneGoesBeforeALongOneThatCameEarlier) {
  auto first = std::make_unique<QueryGate::Place>(come("a"));
  auto second = std::make_unique<QueryGate::Place>(come("a"));
  ASSERT_TRUE(second->turn_long());
  pass_later("long", true);
  pass_later("short", false);
  first.reset();  // of two places one is for short ones: the long one waits on
  ASSERT_TRUE(soon([&] { return gate.counts().waiting == 0; }));
  second.reset();
  for (auto& thread : threads) thread.join();
  threads.clear();
  EXPECT_EQ(order, (std::vector<std::string>{"short", "long"}));
}

TEST_F(GateTest, LongOnesNeverHoldTheLastPlace) {
  auto first = come("a"), second = come("b");
  EXPECT_TRUE(first.turn_long());
  EXPECT_FALSE(second.turn_long());
  EXPECT_EQ(gate.counts().long_working, 1u);
}

TEST_F(GateTest, OfThoseThatWaitLongACallerHasAtMostHalf) {
  auto held = std::make_unique<QueryGate::Place>(come("x", true));
  pass_later("a", true);
  pass_later("a", true);
  EXPECT_EQ(gate.enter("a", true, go, kPatience).error().code, ErrorCode::overloaded);
  pass_later("b", true);
  pass_later("b", true);
  EXPECT_EQ(gate.enter("c", true, go, kPatience).error().code, ErrorCode::overloaded);
  held.reset();
}

TEST_F(GateTest, AClientThatGoesAwayWaitsNoLonger) {
  auto first = come("a"), second = come("a");
  go = true;
  EXPECT_EQ(gate.enter("b", false, go, kPatience).error().code, ErrorCode::canceled);
  EXPECT_EQ(gate.counts().waiting, 0u);
}

thread_local bool heavy = false;

// Reads that may be done, one each in the order they came: who reads fast takes no other's turn. A condition variable, for the semaphore of g++ 12
// loses wake-ups.
class Permits {
 public:
  void release(int count) {
    {
      const std::lock_guard lock(mutex_);
      released_ += count;
    }
    more_.notify_all();
  }
  void acquire() {
    std::unique_lock lock(mutex_);
    const int mine = came_++;
    more_.wait(lock, [&] { return mine < released_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable more_;
  int came_ = 0, released_ = 0;
};

// Heavy queries stop at each read until they are let go on.
struct HeavyLoad {
  explicit HeavyLoad(World& world) {
    for (int i = 0; i < 20; ++i) world.ingest({log_row("x", i * kMinute)});
    world.flush(1);
    world.store.on_reading([this] {
      if (!heavy) return;
      ++reads;
      ++stopped;
      may_read.acquire();
      --stopped;
    });
  }
  std::atomic<int> reads{0}, stopped{0};
  Permits may_read;
};

TEST(QueryGate, FourHeavyQueriesDoNotStarveALimitOfOne) {
  World world({.concurrent = 4, .admission_wait_ms = kPatience / std::chrono::milliseconds(1)});
  HeavyLoad load(world);
  std::vector<std::thread> threads;
  std::atomic<int> whole{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      heavy = true;
      LogQuery query = world.query();
      query.timeout_ns = 1'000 * kSecond;
      const auto got = world.engine.histogram(Scope::everything(), query, kDay, world.go);
      ASSERT_TRUE(got.has_value()) << got.error().message;
      std::uint64_t total = 0;
      for (const auto& bucket : got->buckets) {
        for (const auto count : bucket.counts) total += count;
      }
      if (total == 20) ++whole;
    });
  }
  ASSERT_TRUE(soon([&] { return load.stopped == 4; }));
  world.clock.advance(std::chrono::seconds(1));  // all have worked for more than a slice
  // Three go on, and one gives its place back, once each has read what it had begun to.
  const auto one_waits = [&] { return world.metrics.value("penstock_queries", {{"state", "waiting"}, {"lane", "long"}}) == 1; };
  for (int round = 0; round < 10 && !one_waits(); ++round) {
    const int reads = load.reads;
    load.may_read.release(4);
    ASSERT_TRUE(soon([&] { return load.reads == reads + 4 || one_waits(); }));
  }
  ASSERT_TRUE(soon([&] { return load.stopped == 3 && one_waits(); }));
  LogQuery query = world.query();
  query.limit = 1;
  {
    const auto page = world.engine.logs(Scope::everything(), query, world.go);
    ASSERT_TRUE(page.has_value()) << page.error().message;
    EXPECT_EQ(page->records.size(), 1u);
  }
  EXPECT_EQ(load.stopped, 3);  // they have not moved meanwhile
  load.may_read.release(1'000);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(whole, 4);
  EXPECT_EQ(world.metrics.value("penstock_query_gave_way_total"), 1);
  EXPECT_EQ(world.engine.memory_used(), 0u);
}

TEST(QueryGate, AQueryEndsAtItsTimeLimitAndSaysWhatToDo) {
  World world({.timeout_ns = 30 * kSecond});
  for (int i = 0; i < 5; ++i) world.ingest({log_row("x", i * kMinute)});
  world.flush(1);
  world.store.on_reading([&] { world.clock.advance(std::chrono::seconds(10)); });
  const auto late = world.engine.histogram(Scope::everything(), world.query(), kDay, world.go);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::overloaded);
  EXPECT_EQ(late.error().field, "timeout");
  EXPECT_NE(late.error().message.find("query.timeout"), std::string::npos);
  EXPECT_EQ(world.metrics.value("penstock_query_timeouts_total"), 1);
  const int reads = world.store.calls(penstock::test::FakeChunkStore::Call::read_payload);
  LogQuery query = world.query();
  query.timeout_ns = 5 * kSecond;  // sooner than the server's
  EXPECT_FALSE(world.engine.histogram(Scope::everything(), query, kDay, world.go).has_value());
  EXPECT_LE(world.store.calls(penstock::test::FakeChunkStore::Call::read_payload), reads + 3);
  query.timeout_ns = 3'600 * kSecond;  // later than it is not given
  EXPECT_FALSE(world.engine.histogram(Scope::everything(), query, kDay, world.go).has_value());
}

}  // namespace
}  // namespace penstock::query::test
