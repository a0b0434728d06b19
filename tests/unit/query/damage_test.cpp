// Damaged means kept: what of a chunk cannot be read is told, and takes nothing else with it. And: deletions are known without the store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "query/deletion_file.hpp"
#include "query/known_deletions.hpp"
#include "query_world.hpp"
#include "support/sim_file_system.hpp"

namespace penstock::query::test {
namespace {

using ::testing::HasSubstr;

// A bit of each chunk of the store flips.
void flip(World& world, std::string Chunk::* part) {
  for (Chunk chunk : world.store.all_chunks()) {
    std::string& bytes = chunk.*part;
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    world.store.replace_bytes(chunk);
  }
}

double damaged(World& world, const char* part) {
  return static_cast<double>(
      world.metrics.counter("penstock_damaged_chunks_total", "", {{"found_by", "query"}, {"part", part}}).value());
}

LogQuery around_now(const World& world) {
  LogQuery query = world.query();
  query.from = Timestamp{kNow.ns - kHour};
  return query;
}

TEST(Damage, ADamagedFilterCostsNoAnswer) {
  World world;
  world.ingest({log_row("a card", 1), log_row("a purse", 2)});
  world.flush();
  flip(world, &Chunk::filter);
  EXPECT_EQ(world.messages(world.query("card")), (std::vector<std::string>{"a card"}));
  EXPECT_EQ(world.messages(world.query("card")), (std::vector<std::string>{"a card"}));
  EXPECT_EQ(world.messages(world.query("nothing")), (std::vector<std::string>{}));
  EXPECT_EQ(damaged(world, "filter"), 1) << "once";
}

TEST(Damage, AnErrorNamesTheChunkAndItsDayAndIsCountedOnce) {
  World world;
  world.ingest({log_row("a card", 1)});
  world.flush();
  flip(world, &Chunk::payload);
  for (int i = 0; i < 2; ++i) {
    const auto page = world.engine.logs(Scope::everything(), world.query(), world.go);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::corrupt);
    EXPECT_THAT(page.error().message, HasSubstr("chunk 1 (shop, logs of 2026-11-20)"));
  }
  EXPECT_EQ(damaged(world, "content"), 1);
}

TEST(Damage, DeletingAllOfItsTimeMakesADamagedChunkGo) {
  for (const auto part : {&Chunk::payload, &Chunk::header}) {
    World world;
    world.ingest({log_row("a card", 1), log_row("a purse", 2)});
    world.flush();
    flip(world, part);
    const auto removed = world.engine.remove(Scope::everything(), around_now(world), world.go);
    ASSERT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(removed->count, 2u) << "as the store counts them";
    EXPECT_EQ(world.messages(world.query()), (std::vector<std::string>{}));
    world.ingest({log_row("a coin", 3)});
    EXPECT_EQ(world.messages(world.query()), (std::vector<std::string>{"a coin"}));
  }
}

TEST(Damage, ADeletionByWordsIsMadeThoughAChunkCannotBeReadAndStaysOpen) {
  World world;
  world.ingest({log_row("a card", 1)});
  world.flush();
  flip(world, &Chunk::payload);
  world.ingest({log_row("a card", 3), log_row("a purse", 3)});
  LogQuery query = around_now(world);
  query.q = "card";
  const auto removed = world.engine.remove(Scope::everything(), query, world.go);
  ASSERT_TRUE(removed);
  EXPECT_EQ(removed->count, 1u);
  EXPECT_EQ(world.store.open_deletions()->size(), 1u);
}

TEST(KnownDeletions, AreKnownAfterARestartWhileTheStoreIsAway) {
  World world;
  penstock::test::SimFileSystem files;
  ASSERT_TRUE(files.make_directories("/data"));
  world.engine.keep_deletions_in(files, "/data/deletions");
  world.ingest({log_row("a card", 1), log_row("a purse", 2)});
  LogQuery query = around_now(world);
  query.q = "card";
  ASSERT_TRUE(world.engine.remove(Scope::everything(), query, world.go));
  files.crash(1);

  metrics::Registry registry;
  Engine restarted({}, world.clock, world.journal, world.store, world.sealer, registry);
  restarted.keep_deletions_in(files, "/data/deletions");
  world.store.set_away(true);
  const auto page = restarted.logs(Scope::everything(), world.query(), world.go);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->records.size(), 1u);
  EXPECT_EQ(page->records[0].message, "a purse");
}

TEST(KnownDeletions, ADeploymentDeletedForGoodIsLeftOutUntilTheJournalHasLetGoOfItAlsoAfterARestart) {
  World world;
  penstock::test::SimFileSystem files;
  ASSERT_TRUE(files.make_directories("/data"));
  world.engine.keep_deletions_in(files, "/data/deletions");
  world.ingest({log_row("a card", 1), log_row("a purse", 2)});
  const std::string deployment = world.engine.logs(Scope::everything(), world.query(), world.go)->records.at(0).deployment;
  Deletion whole;
  whole.id = 7;
  whole.deployment = deployment;
  whole.from = kFirstTime;
  whole.to = kLastTime;
  whole.journal = world.journal.id();
  whole.before = world.journal.durable_end();
  whole.created_at = world.clock.now();
  world.engine.deployment_deleted(whole);
  world.ingest({log_row("came later", 3)});
  files.crash(1);

  metrics::Registry registry;
  Engine restarted({}, world.clock, world.journal, world.store, world.sealer, registry);
  restarted.keep_deletions_in(files, "/data/deletions");
  world.store.set_away(true);
  for (Engine* engine : {&world.engine, &restarted}) {
    const auto page = engine->logs(Scope::everything(), world.query(), world.go);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 1u);
    EXPECT_EQ(page->records[0].message, "came later");
  }
}

TEST(KnownDeletions, ADamagedFileIsPutAsideAndTheNextOneIsGood) {
  World world;
  penstock::test::SimFileSystem files;
  files.put_content("/data/deletions", "PSTDELS1 and then something else");
  world.engine.keep_deletions_in(files, "/data/deletions");
  EXPECT_TRUE(files.exists("/data/deletions.damaged"));
  EXPECT_EQ(world.engine.deletions_put_aside(), "/data/deletions.damaged");
  world.ingest({log_row("a card", 1)});
  ASSERT_TRUE(world.engine.remove(Scope::everything(), around_now(world), world.go));
  EXPECT_EQ(read_deletions(files, "/data/deletions", world.sealer)->size(), 1u);
}

// An expression may take a mebibyte: of a hundred deletions with one, only so many are kept compiled, and the others cost who asks.
TEST(KnownDeletions, TheirExpressionsAreChargedAndBounded) {
  const auto memory = std::make_shared<QueryMemory>(64u << 20);
  KnownDeletions known(memory);
  auto asker = *memory->of_short.take(0);
  LogQuery query;
  query.language = kQueryLanguage;
  for (int i = 0; i < 10; ++i) {
    query.q = "/a" + std::to_string(i) + "b/";
    Deletion deletion;
    deletion.id = i + 1;
    deletion.deployment = "shop";
    deletion.filter_json = deletion_filter_json(query);
    ASSERT_TRUE(known.add(deletion, asker));
    ASSERT_TRUE(known.add(deletion, asker));
  }
  EXPECT_EQ(memory->of_deletions.used(), 8u << 20);
  EXPECT_EQ(asker.size(), 4u << 20) << "the last two, twice";
}

TEST(KnownDeletions, TheirFileGivesThemBackAndEveryFlippedBitIsNoticed) {
  PlainSealer sealer;
  const std::vector<Deletion> all = {{1, "shop", Timestamp{-5}, Timestamp{5}, "{\"q\":\"card\"}", JournalId{7}, 100, Timestamp{9}},
                                     {2, "bank", Timestamp{1}, Timestamp{2}, "{}", JournalId{8}, 1, Timestamp{3}}};
  const std::string bytes = *encode_deletions(all, sealer);
  const auto back = decode_deletions(bytes, sealer);
  ASSERT_TRUE(back);
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].filter_json, all[0].filter_json);
  EXPECT_EQ((*back)[0].from, all[0].from);
  EXPECT_EQ((*back)[0].before, 100u);
  EXPECT_EQ((*back)[1].deployment, "bank");
  EXPECT_EQ((*back)[1].created_at, all[1].created_at);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string rotten = bytes;
    rotten[bit / 8] = static_cast<char>(rotten[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_deletions(rotten, sealer)) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode_deletions(std::string_view(bytes).substr(0, size), sealer));
}

}  // namespace
}  // namespace penstock::query::test
