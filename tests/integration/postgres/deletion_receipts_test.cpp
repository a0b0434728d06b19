#include "postgres/pg_deletion_receipts.hpp"

#include "postgres/pg_deployment_removals.hpp"
#include "server_fixture.hpp"

namespace penstock::postgres::test {
namespace {

constexpr JournalId kOther{9};

class DeletionReceiptsTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    store = std::make_unique<PgChunkStore>(store_options(), metrics);
    receipts = std::make_unique<PgDeletionReceipts>(connection);
    ASSERT_TRUE(store->load_cursor(kJournal));
    ASSERT_TRUE(store->load_cursor(kOther));
  }
  std::int64_t made(std::uint64_t records) {
    auto added = store->add_deletion({0, "shop", Timestamp{0}, kNow, "{}", kJournal, 10, kNow, records});
    EXPECT_TRUE(added);
    return added ? added->id : 0;
  }
  DeletionReceipt of(std::int64_t id) {
    auto receipt = receipts->receipt(id);
    EXPECT_TRUE(receipt && *receipt);
    return receipt && *receipt ? **receipt : DeletionReceipt{};
  }

  std::unique_ptr<PgChunkStore> store;
  std::unique_ptr<PgDeletionReceipts> receipts;
};

TEST_F(DeletionReceiptsTest, ADeletionIsGoneOnceStoreAndEveryJournalHaveLetItGo) {
  const std::int64_t id = made(7);
  EXPECT_EQ(of(id).deletion.records, 7u);
  EXPECT_EQ(of(id).deletion.deployment, "shop");
  EXPECT_FALSE(of(id).left_store_at);
  EXPECT_TRUE(receipts->waiting_for(kJournal)->empty()) << "the store comes first";
  ASSERT_TRUE(store->close_deletion(id));
  ASSERT_TRUE(of(id).left_store_at);
  ASSERT_EQ(receipts->waiting_for(kJournal)->size(), 1u);
  ASSERT_TRUE(receipts->left_journal(id, kJournal));
  ASSERT_TRUE(receipts->left_journal(id, kJournal)) << "twice is once";
  EXPECT_TRUE(receipts->waiting_for(kJournal)->empty());
  EXPECT_EQ(receipts->waiting_for(kOther)->size(), 1u);
  EXPECT_FALSE(of(id).gone());
  ASSERT_TRUE(receipts->left_journal(id, kOther));
  EXPECT_TRUE(of(id).gone());
  ASSERT_EQ(of(id).journals.size(), 2u);
}

TEST_F(DeletionReceiptsTest, ADeploymentThatIsToGoIsNoDeletionWithAFilterToAnyQuestion) {
  PgDeploymentRemovals removals(connection);
  const auto id = removals.ask("shop", kNow, JournalEnd{kJournal, 10}, {kNow, "user:ann", "deployment.delete", "deployment:shop"});
  ASSERT_TRUE(id);
  EXPECT_TRUE(of(*id).whole);
  const auto asked = store->snapshot().value()->deletions({});
  ASSERT_TRUE(asked);
  EXPECT_TRUE(asked->empty());
  EXPECT_TRUE(store->open_deletions()->empty());
}

TEST_F(DeletionReceiptsTest, BackupsOfBeforeItWasGoneHoldIt) {
  const std::int64_t id = made(1);
  ASSERT_TRUE(note_backup(connection, kNow, kJournal, "/backup/monday"));
  ASSERT_EQ(of(id).backups.size(), 1u);
  EXPECT_EQ(of(id).backups[0].place, "/backup/monday");
  EXPECT_EQ(of(id).backups[0].made_at.ns, kNow.ns);
  ASSERT_TRUE(store->close_deletion(id));
  ASSERT_TRUE(receipts->left_journal(id, kJournal));
  ASSERT_TRUE(receipts->left_journal(id, kOther));
  ASSERT_TRUE(note_backup(connection, Timestamp{kNow.ns + 3650 * kDay}, kJournal, "/backup/later"));
  EXPECT_EQ(of(id).backups.size(), 1u) << "one that was made afterwards does not";
}

TEST_F(DeletionReceiptsTest, TheNewestComeFirstAndWhatIsLongOverIsForgotten) {
  const std::int64_t first = made(1), second = made(2);
  auto all = receipts->receipts(10);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].deletion.id, second);
  EXPECT_EQ(receipts->receipts(1)->size(), 1u);
  ASSERT_TRUE(store->close_deletion(first));
  ASSERT_TRUE(receipts->left_journal(first, kJournal));
  tell("UPDATE deletion SET closed_at = now() - interval '31 days' WHERE id = " + std::to_string(first));
  ASSERT_TRUE(store->close_deletion(second));
  EXPECT_FALSE(*receipts->receipt(first));
  EXPECT_EQ(ask("SELECT count(*) FROM deletion_journal"), 0);
}

}  // namespace
}  // namespace penstock::postgres::test
