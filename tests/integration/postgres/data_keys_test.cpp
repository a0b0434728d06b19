// Data keys in a real Postgres: one for a use, none under an outer key that was replaced, nothing stored under one that is gone.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "postgres/pg_data_keys.hpp"
#include "server_fixture.hpp"
#include "support/fake_sealer.hpp"

namespace penstock::postgres::test {
namespace {

constexpr KeyId kMark = KeyId{1} << 63;
constexpr std::int32_t kKeyDay = 20'777;

class DataKeysTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    store = std::make_unique<PgChunkStore>(store_options(), metrics);
    keys = std::make_unique<PgDataKeys>(connection);
    ASSERT_EQ(*store->load_cursor(kJournal), 1u);
    ASSERT_EQ(*keys->outer_in_force("old"), "old");
  }
  WrappedKey key(std::uint64_t number, const std::string& deployment = "shop", const std::string& use = "chunk/20777") {
    return {kMark | number, deployment, use, std::string("wrapped\0bytes", 13)};
  }
  Chunk sealed_chunk(KeyId id, const std::string& deployment = "shop") {
    Chunk chunk = chunk_of(deployment, kKeyDay, 1, 10, "payload");
    chunk.meta.key_id = id;
    return chunk;
  }

  std::unique_ptr<PgChunkStore> store;
  std::unique_ptr<PgDataKeys> keys;
};

TEST_F(DataKeysTest, TheFirstKeyOfAUseIsTheOneForAll) {
  EXPECT_EQ(keys->in_force(key(1), "old")->id, kMark | 1);
  EXPECT_EQ(keys->in_force(key(2), "old")->id, kMark | 1);
  EXPECT_EQ(keys->in_force(key(3, "shop", "chunk/20778"), "old")->id, kMark | 3);
  EXPECT_EQ(keys->in_force(key(4, "other"), "old")->id, kMark | 4);
  const auto around = keys->around(kMark | 1);
  ASSERT_TRUE(around) << around.error().message;
  EXPECT_EQ(around->size(), 2u) << "those of its deployment";
  EXPECT_EQ(around->front().wrapped.size(), 13u);
  EXPECT_TRUE(keys->around(kMark | 9)->empty());
}

TEST_F(DataKeysTest, ServersThatAskTogetherGetOneKey) {
  std::vector<std::thread> threads;
  std::vector<KeyId> got(4);
  for (std::size_t i = 0; i < got.size(); ++i) {
    threads.emplace_back([&, i] {
      PgDataKeys mine(connection);
      const auto found = mine.in_force(key(i + 1), "old");
      got[i] = found ? found->id : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NE(got[0], 0u);
  EXPECT_EQ(got, std::vector<KeyId>(got.size(), got[0]));
}

TEST_F(DataKeysTest, NoKeyIsKeptUnderAnOuterKeyThatWasReplaced) {
  ASSERT_TRUE(keys->in_force(key(1), "old"));
  PgDataKeys other(connection);
  std::atomic<bool> tried{false};
  std::thread late;
  const auto count = keys->rewrap_all("new", [&](const WrappedKey& kept) -> Result<std::string> {
    // Meanwhile a server that knows nothing of it: it waits for us, and is told.
    late = std::thread([&] {
      const auto refused = other.in_force(key(2, "late"), "old");
      EXPECT_EQ(refused ? ErrorCode::internal : refused.error().code, ErrorCode::key_mismatch);
      tried = true;
    });
    return "again " + kept.wrapped;
  });
  ASSERT_TRUE(count) << count.error().message;
  late.join();
  EXPECT_TRUE(tried);
  EXPECT_EQ(*count, 1u);
  EXPECT_EQ(*keys->outer_in_force("old"), "new");
  EXPECT_EQ(keys->in_force(key(2), "old")->wrapped.substr(0, 6), "again ") << "what is there is given, whoever asks";
  EXPECT_TRUE(keys->in_force(key(2, "late"), "new"));
  const auto failing = keys->rewrap_all("third", [](const WrappedKey&) -> Result<std::string> { return Error{ErrorCode::corrupt, "no", ""}; });
  EXPECT_FALSE(failing);
  EXPECT_EQ(*keys->outer_in_force(""), "new") << "all or nothing";
}

TEST_F(DataKeysTest, NothingIsStoredUnderAKeyThatIsGone) {
  ASSERT_TRUE(keys->in_force(key(1), "old"));
  ASSERT_TRUE(keys->in_force(key(2, "other"), "old"));
  ASSERT_TRUE(store->commit(commit_of(1, 11, {sealed_chunk(kMark | 1), sealed_chunk(kMark | 2, "other")})));
  EXPECT_EQ(*keys->destroy("shop"), 1u);
  const auto left = stored(*store);
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].meta.deployment, "other");
  const auto refused = store->commit(commit_of(11, 21, {sealed_chunk(kMark | 1)}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::key_mismatch);
  EXPECT_EQ(*store->load_cursor(kJournal), 11u);
}

TEST_F(DataKeysTest, DeadLettersGoWithTheKeyOfTheirDeployment) {
  ASSERT_TRUE(keys->in_force(key(1, "shop", "dead-letter"), "old"));
  ASSERT_TRUE(keys->in_force(key(2, "other", "dead-letter"), "old"));
  StoreCommit commit = commit_of(1, 3, {});
  for (const KeyId id : {kMark | 1, kMark | 2}) {
    std::string batch(reinterpret_cast<const char*>(&id), sizeof id);
    commit.dead_letters.push_back({kJournal, commit.dead_letters.size() + 1, "corrupt", "why", batch + "sealed"});
  }
  ASSERT_TRUE(store->commit(commit));
  ASSERT_TRUE(keys->destroy("shop"));
  EXPECT_EQ(ask("SELECT sequence FROM dead_letter"), 2);
}

TEST_F(DataKeysTest, ChunksOfARetiredKeyAreWrittenAnewAndThenItGoes) {
  ASSERT_TRUE(keys->in_force(key(1), "old"));
  ASSERT_TRUE(store->commit(commit_of(1, 11, {sealed_chunk(kMark | 1), sealed_chunk(kMark | 1)})));
  EXPECT_EQ(*keys->retire_all(), 1u);
  EXPECT_EQ(keys->in_force(key(2), "old")->id, kMark | 2);
  const CompactionPolicy policy;
  for (int round = 0; round < 2; ++round) {
    auto job = store->next_reseal(policy, {});
    ASSERT_TRUE(job) << job.error().message;
    ASSERT_TRUE(*job);
    ASSERT_EQ((*job)->inputs().size(), 1u);
    Chunk again = (*job)->inputs()[0];
    again.meta.key_id = kMark | 2;
    ASSERT_TRUE((*job)->replace({again}));
    EXPECT_EQ(ask("SELECT count(*) FROM data_key"), 2) << "the retired key stays as long as a chunk needs it";
  }
  auto none = store->next_reseal(policy, {});
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_FALSE(*none);
  EXPECT_EQ(ask("SELECT count(*) FROM data_key WHERE retired"), 0);
  EXPECT_EQ(stored(*store).size(), 2u);
  EXPECT_EQ(keys->counts()->orphans, 0u);
}

TEST_F(DataKeysTest, TheKeyOfADayGoesWithItsLastChunk) {
  ASSERT_TRUE(keys->in_force(key(1), "old"));
  ASSERT_TRUE(keys->in_force(key(2, "shop", "chunk/20776"), "old"));
  ASSERT_TRUE(store->commit(commit_of(1, 11, {sealed_chunk(kMark | 1)})));
  ASSERT_TRUE(store->next_reseal({}, {}).value() == nullptr);
  EXPECT_EQ(ask("SELECT count(*) FROM data_key"), 2) << "a fresh key may be about to be used";
  tell("UPDATE data_key SET created_at = now() - interval '2 days'");
  ASSERT_TRUE(store->next_reseal({}, {}).value() == nullptr);
  EXPECT_EQ(ask("SELECT count(*) FROM data_key"), 1);
  EXPECT_EQ(ask("SELECT day FROM chunk JOIN data_key ON key_id = data_key.id"), kKeyDay);
}

TEST_F(DataKeysTest, FiltersOfDeletionsAreSealedAndComeBack) {
  penstock::test::FakeSealer sealer;
  PgChunkStore sealing(store_options(), metrics, &sealer);
  Deletion wanted;
  wanted.deployment = "shop";
  wanted.from = wanted.to = wanted.created_at = kNow;
  wanted.filter_json = R"({"q":"canary"})";
  ASSERT_TRUE(sealing.add_deletion(wanted));
  ASSERT_TRUE(store->add_deletion(wanted)) << "as an earlier build keeps it";
  EXPECT_EQ(ask("SELECT count(*) FROM deletion WHERE filter LIKE '%canary%'"), 1);
  auto snapshot = sealing.snapshot();
  ASSERT_TRUE(snapshot);
  for (const auto& found : {*(*snapshot)->deletions({}), *sealing.open_deletions()}) {
    ASSERT_EQ(found.size(), 2u);
    for (const Deletion& deletion : found) EXPECT_EQ(deletion.filter_json, wanted.filter_json);
  }
  EXPECT_EQ(store->open_deletions().error().code, ErrorCode::key_mismatch) << "without the key nothing is taken for a filter";
}

}  // namespace
}  // namespace penstock::postgres::test
