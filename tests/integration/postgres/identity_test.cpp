// Users, tokens, grants and the audit log in a real Postgres.
#include <algorithm>

#include "postgres/pg_identity_store.hpp"
#include "server_fixture.hpp"

namespace penstock::postgres::test {
namespace {

AuditEntry said(const std::string& action) { return {kNow, "user:ann", action, "user:bob", "done", "192.0.2.1", "{\"x\":1}"}; }

StoredUser bob() {
  StoredUser user{"bob", "Bob", "$hash", false, kNow, "user:ann"};
  user.roles = {{"operator", "shop"}, {"viewer", "*"}};
  user.grants = {{0, "till", {"logs:read", "ingest"}, {"pi-\"*\"", "a\\b"}, {}}, {0, "*", {"custom_metrics:read"}, {}, {"sales.*"}}};
  return user;
}

StoredToken token_of(const std::string& id, const std::string& owner) {
  StoredToken token{id, "the till's", "pst_abc", id + std::string(32 - id.size(), '\xff'), owner, "till", kNow, "user:ann"};
  token.grants = {{0, "till", {"ingest"}}};
  return token;
}

class IdentityTest : public DatabaseTest {
 protected:
  void SetUp() override {
    DatabaseTest::SetUp();
    store = std::make_unique<PgIdentityStore>(store_options());
  }
  void change(const std::vector<IdentityChange>& changes, const std::string& action = "user.change") {
    auto done = store->apply(*store->version(), changes, {said(action)});
    ASSERT_TRUE(done) << full_text(done.error());
  }
  Identities all() { return *store->load(kNow); }
  Result<void> verify() {
    AuditCheck check;
    for (;;) {
      const auto rows = store->audit_chain(check.last().id, 3);
      if (rows->empty()) break;
      for (const AuditRow& row : *rows) {
        if (auto fits = check.add(row); !fits) return fits;
      }
    }
    return check.finish(*store->audit_head());
  }

  std::unique_ptr<PgIdentityStore> store;
};

TEST_F(IdentityTest, ANewDatabaseHasTheBuiltInRolesAndNobody) {
  const Identities there = all();
  EXPECT_TRUE(there.users.empty());
  ASSERT_EQ(there.roles.size(), 3u);
  EXPECT_TRUE(there.roles.at("viewer").built_in);
  EXPECT_EQ(there.roles.at("viewer").grants.at(0).deployment, "*");
  const auto& rights = there.roles.at("administrator").grants.at(0).rights;
  EXPECT_NE(std::find(rights.begin(), rights.end(), "admin"), rights.end());
  EXPECT_TRUE(verify());
}

TEST_F(IdentityTest, WhatIsPutComesBackWhole) {
  change({bob(), token_of("t1", "bob"), StoredSession{std::string(32, '\0'), "bob", kNow, kNow, {kNow.ns + kHour}, "192.0.2.7"},
          StoredRole{"night-shift", "At night", false, {{0, "shop", {"logs:read"}}}}, ChangeSetting{"token.ttl_max", "90d"}});
  Identities there = all();
  const StoredUser& user = there.users.at("bob");
  EXPECT_EQ(user.roles, bob().roles);
  ASSERT_EQ(user.grants.size(), 2u);
  EXPECT_EQ(user.grants[0].sources, bob().grants[0].sources);
  EXPECT_EQ(user.grants[1].custom_metrics, bob().grants[1].custom_metrics);
  EXPECT_EQ(there.tokens.at("t1").digest, token_of("t1", "bob").digest);
  EXPECT_EQ(there.tokens.at("t1").grants.at(0).rights, std::vector<std::string>{"ingest"});
  EXPECT_EQ(there.sessions.at(0).digest, std::string(32, '\0'));
  EXPECT_EQ(there.settings.at("token.ttl_max"), "90d");
  EXPECT_EQ(there.roles.at("night-shift").grants.size(), 1u);

  StoredUser changed = user;  // with the ids of its grants
  changed.grants.erase(changed.grants.begin());
  changed.roles.clear();
  change({changed, ChangeSetting{"token.ttl_max", ""}, RemoveRole{"night-shift"}, RemoveRole{"viewer"}, EndSessionsOf{"bob"}});
  there = all();
  ASSERT_EQ(there.users.at("bob").grants.size(), 1u);
  EXPECT_EQ(there.users.at("bob").grants[0].id, changed.grants[0].id) << "who stays keeps its id";
  EXPECT_TRUE(there.settings.empty());
  EXPECT_TRUE(there.sessions.empty());
  EXPECT_EQ(there.roles.count("night-shift"), 0u);
  EXPECT_EQ(there.roles.count("viewer"), 1u) << "built in";
}

TEST_F(IdentityTest, ProvidersAndTheirUsersComeBackWhole) {
  StoredProvider provider{"main", "Main", "https://login.example", "penstock", "openid profile", "https://logs.example/api/v1/oidc/main/callback", "groups", "api"};
  provider.rules = {{"", {"viewer", "till"}}, {"a \"group\", with ,", {"operator", "*"}}};
  provider.secret_key = 0x8000000000000007U;
  provider.secret = std::string("\0\xff sealed", 9);
  StoredUser eve = bob();
  eve.name = "eve";
  eve.issuer = provider.issuer, eve.subject = "u-1";
  change({provider, eve, StoredSession{std::string(32, 'e'), "eve", kNow, kNow, {kNow.ns + kHour}, "192.0.2.7", "main", "their-session"}});
  Identities there = all();
  EXPECT_EQ(there.providers.at("main"), provider);
  EXPECT_EQ(there.users.at("eve").issuer + " " + there.users.at("eve").subject, "https://login.example u-1");
  EXPECT_EQ(there.sessions.at(0).provider + " " + there.sessions.at(0).provider_session, "main their-session");
  StoredUser twin = eve;
  twin.name = "twin";
  EXPECT_FALSE(store->apply(*store->version(), {twin}, {said("user.create")})) << "one person is one user";
  provider.rules.pop_back();
  provider.enabled = false;
  change({provider});
  EXPECT_EQ(all().providers.at("main"), provider);
  change({RemoveProvider{"main"}});
  EXPECT_TRUE(all().providers.empty());
}

TEST_F(IdentityTest, AUserGoesWithTokensSessionsAndGrants) {
  change({bob(), token_of("t1", "bob"), token_of("t2", ""), StoredSession{std::string(32, 's'), "bob", kNow, kNow, {kNow.ns + 1}, ""}});
  change({RemoveUser{"bob"}});
  const Identities there = all();
  EXPECT_TRUE(there.users.empty());
  EXPECT_EQ(there.tokens.count("t1"), 0u);
  EXPECT_EQ(there.tokens.count("t2"), 1u) << "the instance's own";
  EXPECT_EQ(ask("SELECT count(*) FROM session"), 0);
  EXPECT_EQ(ask("SELECT count(*) FROM access_grant WHERE role IS NULL"), 1);
}

TEST_F(IdentityTest, OfTwoWhoSawTheSameOnlyOneChanges) {
  PgIdentityStore other(store_options());
  const std::int64_t seen = *store->version();
  ASSERT_TRUE(other.apply(seen, {bob()}, {said("user.add")}));
  const auto late = store->apply(seen, {RemoveUser{"bob"}}, {said("user.remove")});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::conflict);
  EXPECT_EQ(all().users.size(), 1u);
  EXPECT_EQ(store->audit({})->size(), 1u) << "what was not done is not told as done";
}

TEST_F(IdentityTest, AChangeThatFailsLeavesNeitherItselfNorItsAuditRow) {
  StoredUser user = bob();
  user.roles = {{"no-such-role", "*"}};
  EXPECT_FALSE(store->apply(*store->version(), {user}, {said("user.add")}));
  EXPECT_TRUE(all().users.empty());
  EXPECT_EQ(ask("SELECT count(*) FROM audit"), 0);
  EXPECT_EQ(*store->version(), 1);
}

TEST_F(IdentityTest, UseIsNotedWithoutBeingAChange) {
  change({bob(), token_of("t1", "bob"), StoredSession{std::string(32, 's'), "bob", kNow, kNow, {kNow.ns + kHour}, ""}});
  const std::int64_t version = *store->version();
  ASSERT_TRUE(store->note({{{"t1", {kNow.ns + 5}}}, {{std::string(32, 's'), {kNow.ns + 7}}}}));
  ASSERT_TRUE(store->note({{{"t1", {kNow.ns + 3}}}, {}}));
  EXPECT_EQ(all().tokens.at("t1").last_used.ns, kNow.ns + 5) << "the latest of several servers counts";
  EXPECT_EQ(all().sessions.at(0).last_seen.ns, kNow.ns + 7);
  EXPECT_EQ(*store->version(), version);
}

TEST_F(IdentityTest, TheAuditLogIsFoundByWhatItSays) {
  for (int i = 0; i < 7; ++i) change({bob()}, i % 2 == 0 ? "user.change" : "token.create");
  ASSERT_TRUE(store->append({{{kNow.ns + kHour}, std::string("m\0l\xff", 4), "session.login", "", "refused", "", ""}}));
  AuditQuery query;
  query.limit = 3;
  auto rows = store->audit(query);
  ASSERT_TRUE(rows) << full_text(rows.error());
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ(rows->at(0).id, 8);
  EXPECT_EQ(rows->at(0).entry.outcome, "refused");
  query.before = rows->back().id;
  EXPECT_EQ(store->audit(query)->at(0).id, 5);
  query = {};
  query.action = "token";
  EXPECT_EQ(store->audit(query)->size(), 3u);
  query.action = "tok";
  EXPECT_EQ(store->audit(query)->size(), 0u);
  query = {};
  query.from = {kNow.ns + 1};
  EXPECT_EQ(store->audit(query)->size(), 1u);
  EXPECT_TRUE(verify()) << verify().error().message;
}

TEST_F(IdentityTest, WhatIsDoneToTheAuditLogBehindItsBackShows) {
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(store->append({said("user.change")}));
  ASSERT_TRUE(verify());
  EXPECT_FALSE(side->script("UPDATE audit SET actor = 'user:eve' WHERE id = 4", "be refused")) << "mistakes are refused";
  EXPECT_FALSE(side->script("DELETE FROM audit", "be refused"));
  EXPECT_FALSE(side->script("TRUNCATE audit", "be refused"));
  ASSERT_TRUE(verify());
  const std::pair<const char*, const char*> deeds[] = {
      {"UPDATE audit SET actor = 'user:eve' WHERE id = 4", "row 4"},
      {"UPDATE audit SET at = at + 1 WHERE id = 8", "row 8"},
      {"UPDATE audit SET actor = 'user:annu', action = 'ser.change' WHERE id = 1", "row 1"},
      {"DELETE FROM audit WHERE id = 3", "row 3"},
      {"DELETE FROM audit WHERE id > 6", "row 7"},
      {"INSERT INTO audit SELECT 9, at, actor, action, object, outcome, address, detail, hash, previous FROM audit WHERE id = 8", "row 9"},
      {"UPDATE audit_head SET id = 6, hash = (SELECT hash FROM audit WHERE id = 6)", "row 7"},
  };
  for (const auto& [deed, row] : deeds) {
    tell("BEGIN; ALTER TABLE audit DISABLE TRIGGER ALL; CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE kept_head AS SELECT * FROM audit_head; COMMIT");
    tell(deed);
    const auto found = verify();
    ASSERT_FALSE(found) << deed;
    EXPECT_NE(found.error().message.find(row), std::string::npos) << deed << ": " << found.error().message;
    tell("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head; "
         "DROP TABLE kept; DROP TABLE kept_head; ALTER TABLE audit ENABLE TRIGGER ALL");
    ASSERT_TRUE(verify());
  }
}

}  // namespace
}  // namespace penstock::postgres::test
