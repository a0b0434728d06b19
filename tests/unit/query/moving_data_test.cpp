// Answers while records move from the journal into the store, or cannot be read.
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "query_world.hpp"

namespace penstock::query::test {
namespace {

// A store in which something happens right after a snapshot was taken.
class RacingStore final : public ChunkStore {
 public:
  RacingStore(ChunkStore& inner, std::function<void()> after) : inner_(inner), after_(std::move(after)) {}
  Result<Sequence> load_cursor(JournalId journal) override { return inner_.load_cursor(journal); }
  Result<void> commit(const StoreCommit& commit) override { return inner_.commit(commit); }
  Result<Deletion> add_deletion(const Deletion& deletion, const AuditEntry& entry) override { return inner_.add_deletion(deletion, entry); }
  Result<std::unique_ptr<StoreSnapshot>> snapshot() override {
    auto taken = inner_.snapshot();
    after_();
    return taken;
  }

 private:
  ChunkStore& inner_;
  std::function<void()> after_;
};

// A journal in which something happens whenever a part was begun to be read.
class RacingJournal final : public Journal {
 public:
  RacingJournal(Journal& inner, std::function<void()> after) : inner_(inner), after_(std::move(after)) {}
  JournalId id() const override { return inner_.id(); }
  Sequence durable_end() const override { return inner_.durable_end(); }
  Sequence oldest() const override { return inner_.oldest(); }
  std::unique_ptr<JournalReader> reader(Sequence from) override {
    auto reader = inner_.reader(from);
    after_();
    return reader;
  }
  std::vector<JournalPart> parts(Sequence from, Sequence to) const override { return inner_.parts(from, to); }
  std::vector<JournalPart> split(const JournalPart& part) const override { return inner_.split(part); }
  void set_cursor(const std::string& sink, Sequence position, CursorPolicy policy) override { inner_.set_cursor(sink, position, policy); }
  void remove_cursor(const std::string& sink) override { inner_.remove_cursor(sink); }
  void renumber(Sequence from, Sequence to) override { inner_.renumber(from, to); }
  std::size_t renumberings() const override { return inner_.renumberings(); }
  void retire(Sequence before) override { inner_.retire(before); }

 private:
  Journal& inner_;
  std::function<void()> after_;
};

TEST(MovingData, ARecordThatLeavesTheJournalWhileABacklogIsReadIsFoundInTheStore) {
  World world;
  world.ingest({log_row("of before", 9 * kSecond)});
  world.flush();
  for (int i = 0; i < 5; ++i) world.ingest({log_row("backlog " + std::to_string(i), 8 * kSecond - i * kSecond)});
  int readers = 0;
  RacingJournal racing(world.journal, [&] {
    if (++readers != 1) return;
    world.flush();
    world.journal.drop_below(world.store.cursor_of(world.journal.id()) - 1);
  });
  metrics::Registry registry;
  Engine engine({}, world.clock, racing, world.store, world.sealer, registry);
  const auto page = engine.logs(Scope::everything(), world.query(), world.go);
  ASSERT_TRUE(page.has_value()) << page.error().message;
  EXPECT_EQ(page->records.size(), 6u);
  EXPECT_FALSE(page->stats.partial);
}

TEST(MovingData, AJournalThatMovesOnUnderEveryViewIsAnOverload) {
  World world;
  for (int i = 0; i < 50; ++i) world.ingest({log_row("backlog " + std::to_string(i), i * kSecond)});
  RacingJournal racing(world.journal, [&] {
    world.ingest({log_row("one more")});
    world.journal.drop_below(world.journal.durable_end() - 2);
  });
  metrics::Registry registry;
  Engine engine({}, world.clock, racing, world.store, world.sealer, registry);
  const auto page = engine.logs(Scope::everything(), world.query(), world.go);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, ErrorCode::overloaded);
}

TEST(MovingData, APlaceThatCannotBeReadLeavesTheRestOfTheAnswer) {
  World world;
  for (int i = 0; i < 3; ++i) world.ingest({log_row("row " + std::to_string(i), i * kSecond)});
  world.journal.spoil(2, 8);
  EXPECT_EQ(world.messages(world.query()), (std::vector<std::string>{"row 0", "row 2"}));
}

TEST(MovingData, ARecordIsSeenOnceThoughTheStoreCommitsInTheMiddleOfAQuery) {
  World world;
  world.ingest({log_row("old", 3 * kSecond)});
  world.flush();
  world.ingest({log_row("fresh", 2 * kSecond)});
  RacingStore racing(world.store, [&] {
    world.flush();
    world.ingest({log_row("later", kSecond)});
  });
  metrics::Registry registry;
  Engine engine({}, world.clock, world.journal, racing, world.sealer, registry);
  const auto page = engine.logs(Scope::everything(), world.query(), world.go);
  ASSERT_TRUE(page.has_value());
  std::multiset<std::string> seen;
  for (const auto& row : page->records) seen.insert(row.message);
  EXPECT_EQ(seen.count("old"), 1u);
  EXPECT_EQ(seen.count("fresh"), 1u);
  EXPECT_LE(seen.count("later"), 1u);
  EXPECT_FALSE(page->stats.partial);
}

}  // namespace
}  // namespace penstock::query::test
