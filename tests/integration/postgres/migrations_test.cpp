#include "postgres/migrations.hpp"

#include "server_fixture.hpp"

namespace penstock::postgres::test {
namespace {

class MigrationsTest : public DatabaseTest {};

TEST_F(MigrationsTest, UpDownAndUpAgainOnDataLeaveAWorkingSchema) {
  Migrations migrations(connection);
  EXPECT_EQ(*migrations.up(), 0) << "the fixture migrated already";
  const int steps = static_cast<int>(embedded_migrations().size());
  {
    PgChunkStore store(store_options(), metrics);
    ASSERT_EQ(*store.load_cursor(kJournal), 1u);
    Chunk plain = chunk_of("shop", 20'000, 1, 10, "bytes");
    plain.meta.key_id = 0;
    ASSERT_TRUE(store.commit(commit_of(1, 11, {plain})));
  }
  EXPECT_EQ(*migrations.down(100), steps);
  EXPECT_EQ(ask("SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'S') AND relnamespace = "
                "'public'::regnamespace"), 1)
      << "only schema_migration is left";
  auto states = migrations.status();
  ASSERT_TRUE(states);
  for (const auto& state : *states) EXPECT_FALSE(state.applied_at);
  EXPECT_EQ(*migrations.up(), steps);
  states = migrations.status();
  ASSERT_TRUE(states);
  for (const auto& state : *states) EXPECT_TRUE(state.applied_at);
  PgChunkStore store(store_options(), metrics);
  EXPECT_EQ(*store.load_cursor(kJournal), 1u);
}

TEST_F(MigrationsTest, KeysAreNotTakenAwayFromWhatIsSealedWithThem) {
  PgChunkStore store(store_options(), metrics);
  ASSERT_EQ(*store.load_cursor(kJournal), 1u);
  Chunk sealed = chunk_of("shop", 20'000, 1, 10, "bytes");
  sealed.meta.key_id = 7;
  ASSERT_TRUE(store.commit(commit_of(1, 11, {sealed})));
  EXPECT_FALSE(Migrations(connection).down(100));
  EXPECT_EQ(ask("SELECT count(*) FROM pg_class WHERE relname = 'data_key'"), 1);
}

TEST_F(MigrationsTest, AChangedStepIsRefusedByName) {
  tell("UPDATE schema_migration SET checksum = 'something else' WHERE version = 1");
  auto refused = Migrations(connection).up();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::conflict);
  EXPECT_NE(refused.error().message.find("0001_chunk_store"), std::string::npos) << refused.error().message;
}

TEST_F(MigrationsTest, ANewerSchemaIsRefusedByName) {
  tell("INSERT INTO schema_migration (version, name, checksum) VALUES (9001, 'from_the_future', 'x')");
  for (auto refused : {Migrations(connection).up(), Migrations(connection).down(1)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().message.find("9001_from_the_future"), std::string::npos) << refused.error().message;
  }
}

TEST_F(MigrationsTest, AStepThatFailsLeavesNothingBehind) {
  const std::vector<Migration> steps = [] {
    std::vector<Migration> all(embedded_migrations().begin(), embedded_migrations().end());
    all.push_back({static_cast<int>(all.size()) + 1, "broken", "CREATE TABLE half (a int); SELECT 1/0;", ""});
    return all;
  }();
  auto failed = Migrations(connection, steps).up();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::internal);
  EXPECT_EQ(ask("SELECT count(*) FROM pg_class WHERE relname = 'half'"), 0);
  EXPECT_EQ(ask("SELECT count(*) FROM schema_migration WHERE name = 'broken'"), 0);
}

TEST_F(MigrationsTest, WithoutADatabaseItIsUnavailable) {
  ConnectionOptions nowhere;
  nowhere.url = "host=/nonexistent dbname=x";
  auto failed = Migrations(nowhere).up();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace penstock::postgres::test
