#include "query/tail_hub.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "query_world.hpp"
#include "support/patience.hpp"

namespace penstock::query::test {
namespace {

// Takes what a tail gives, as many as there is room for.
class Inbox {
 public:
  TailSink sink() {
    return [this](TailEvent event, RecordId, std::string json) {
      std::lock_guard lock(mutex_);
      ++offered_;
      changed_.notify_all();
      if (room_ == 0) return false;
      --room_;
      events_.emplace_back(event, std::move(json));
      return true;
    };
  }
  void make_room(std::size_t room) {
    std::lock_guard lock(mutex_);
    room_ = room;
  }
  void wait_offered(std::size_t count) { wait([this, count] { return offered_ >= count; }); }
  std::vector<std::pair<TailEvent, std::string>> wait_events(std::size_t count) {
    wait([this, count] { return events_.size() >= count; });
    std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  template <class Done>
  void wait(Done done) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, penstock::test::kPatience, done));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t room_ = 1'000'000, offered_ = 0;
  std::vector<std::pair<TailEvent, std::string>> events_;
};

LogQuery words(std::string q) {
  LogQuery query;
  query.q = std::move(q);
  return query;
}

TEST(TailHub, GivesEachSubscriberTheRecordsItAskedFor) {
  World world;
  world.ingest({log_row("card before")});
  TailHub hub({.poll_ms = 20}, world.journal, world.metrics);
  Inbox all, cards, bank;
  ASSERT_TRUE(hub.subscribe(Scope::everything(), words(""), all.sink()).has_value());
  ASSERT_TRUE(hub.subscribe(Scope::everything(), words("card"), cards.sink()).has_value());
  ASSERT_TRUE(hub.subscribe(Scope::of({"bank"}), words("card"), bank.sink()).has_value());
  EXPECT_FALSE(hub.subscribe(Scope::everything(), words("("), all.sink()).has_value());
  EXPECT_EQ(hub.subscribers(), 3u);
  world.ingest({log_row("card one"), log_row("two"), log_row("card three", 0, "bank")});
  EXPECT_EQ(all.wait_events(3).size(), 3u);
  const auto found = cards.wait_events(2);
  EXPECT_NE(found[0].second.find("card one"), std::string::npos);
  EXPECT_NE(found[1].second.find("card three"), std::string::npos);
  const auto theirs = bank.wait_events(1);
  ASSERT_EQ(theirs.size(), 1u);
  EXPECT_NE(theirs[0].second.find("card three"), std::string::npos);
}

TEST(TailHub, ASlowSubscriberIsToldHowManyItMissed) {
  World world;
  TailHub hub({.poll_ms = 20}, world.journal, world.metrics);
  Inbox slow;
  slow.make_room(2);
  ASSERT_TRUE(hub.subscribe(Scope::everything(), words(""), slow.sink()).has_value());
  for (int i = 0; i < 7; ++i) world.ingest({log_row("r" + std::to_string(i))});
  slow.wait_offered(7);  // two taken, the rest refused
  EXPECT_EQ(slow.wait_events(2).size(), 2u);
  // Room comes while nothing else is sent: the gap is told all the same, and only once.
  while (world.metrics.value("penstock_tail_skipped_total") != 5.0) std::this_thread::yield();
  slow.make_room(100);
  auto events = slow.wait_events(3);
  EXPECT_EQ(events[2].first, TailEvent::gap);
  EXPECT_EQ(events[2].second, R"({"skipped":5})");
  world.ingest({log_row("last")});
  events = slow.wait_events(4);
  EXPECT_EQ(events[3].first, TailEvent::record);
}

TEST(TailHub, FarBehindItJumpsAndTellsTheGap) {
  World world;
  TailHub hub({.max_lag_records = 10, .poll_ms = 20}, world.journal, world.metrics);
  Inbox inbox;
  std::mutex gate;
  std::unique_lock held(gate);
  auto sink = inbox.sink();
  ASSERT_TRUE(hub.subscribe(Scope::everything(), words(""), [&](TailEvent event, RecordId id, std::string json) {
                   std::lock_guard wait_here(gate);
                   return sink(event, id, std::move(json));
                 }).has_value());
  world.ingest({log_row("first")});
  for (int i = 0; i < 100; ++i) world.ingest({log_row("x")});
  held.unlock();
  std::uint64_t records = 0, skipped = 0;
  for (std::size_t n = 1; records + skipped < 101; ++n) {
    const auto events = inbox.wait_events(n);
    ASSERT_GE(events.size(), n);
    const auto& [event, json] = events[n - 1];
    if (event == TailEvent::record) ++records;
    if (event == TailEvent::gap) skipped += std::stoull(json.substr(json.find(':') + 1));
  }
  EXPECT_EQ(records + skipped, 101u);
  EXPECT_GT(skipped, 0u);
}

TEST(TailHub, AfterUnsubscribeTheSinkIsNotCalled) {
  World world;
  TailHub hub({.max_subscribers = 2, .poll_ms = 20}, world.journal, world.metrics);
  Inbox other;
  auto gone = std::make_unique<Inbox>();
  const auto id = hub.subscribe(Scope::everything(), words(""), gone->sink());
  ASSERT_TRUE(hub.subscribe(Scope::everything(), words(""), other.sink()).has_value());
  EXPECT_EQ(hub.subscribe(Scope::everything(), words(""), other.sink()).error().code, ErrorCode::overloaded);
  world.ingest({log_row("a")});
  gone->wait_events(1);
  hub.unsubscribe(id->id);
  gone.reset();  // a late call would be a use after free
  world.ingest({log_row("b")});
  EXPECT_EQ(other.wait_events(2).size(), 2u);
  hub.unsubscribe(id->id);
  hub.stop();
  EXPECT_EQ(hub.subscribe(Scope::everything(), words(""), other.sink()).error().code, ErrorCode::draining);
}

TEST(TailHub, ManySubscribersComeAndGoWhileRecordsFlow) {
  World world;
  TailHub hub({.poll_ms = 5}, world.journal, world.metrics);
  // Each reader asks for two records more once it has subscribed, so at least two come after that.
  std::atomic<int> wanted{0};
  std::atomic<bool> done{false};
  std::thread writer([&] {
    for (int written = 0; !done;) {
      if (written == wanted) {
        std::this_thread::yield();
        continue;
      }
      world.ingest({log_row("flow")});
      ++written;
    }
  });
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        Inbox inbox;
        const auto id = hub.subscribe(Scope::everything(), words("flow"), inbox.sink());
        ASSERT_TRUE(id.has_value());
        wanted += 2;
        inbox.wait_events(2);
        hub.unsubscribe(id->id);
      }
    });
  }
  for (auto& reader : readers) reader.join();
  done = true;
  writer.join();
}

}  // namespace
}  // namespace penstock::query::test
