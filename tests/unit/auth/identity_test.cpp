// Who may do what by what the store says, on a store in memory.
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "auth/audit_trail.hpp"
#include "auth/kept_identities.hpp"
#include "auth/stored_grants.hpp"
#include "identity_world.hpp"
#include "metrics/registry.hpp"

namespace penstock::auth {
namespace {

TEST_F(IdentityTest, ATokenMayWhatItsGrantsSayFromItsAnswerToItsRevocation) {
  const MadeToken made = make_token({grant("shop", kIngest)});
  EXPECT_TRUE(made.secret.starts_with("pst_"));
  EXPECT_TRUE(made.secret.starts_with(made.token.prefix));
  EXPECT_LT(made.token.prefix.size(), 12u);
  const PrincipalPtr who = token(made.secret);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->kind, PrincipalKind::token);
  EXPECT_TRUE(who->grants.may(Right::ingest_logs, {"shop"}));
  EXPECT_FALSE(who->grants.may(Right::ingest_logs, {"till"}));
  EXPECT_FALSE(who->grants.may(Right::logs_read, {"shop"}));
  EXPECT_TRUE(cache.tokens().still_valid(*who));
  ASSERT_TRUE(service.change(admin, [&](const PlanScene& scene) { return plan_token_revocation(scene, made.token.id); }));
  EXPECT_FALSE(token(made.secret)) << "with the very next request";
  EXPECT_FALSE(cache.tokens().still_valid(*who)) << "and what it reads for long ends";
  for (const AuditEntry& entry : store.told()) {
    EXPECT_EQ(entry.detail.find(made.secret.substr(8)), std::string::npos) << "no secret in the audit log";
  }
}

TEST_F(IdentityTest, TokensEndAtTheirTimeAndAClockThatIsSetBackDoesNotReviveThem) {
  const MadeToken made = make_token({grant("shop", kIngest)}, "", kHour);
  EXPECT_TRUE(token(made.secret));
  wall.advance(std::chrono::hours(1));
  EXPECT_FALSE(token(made.secret));
  wall.set_wall({0});
  EXPECT_FALSE(token(made.secret));
}

TEST_F(IdentityTest, HowLongATokenIsValidFollowsTheSettings) {
  EXPECT_EQ(make_token({grant("shop", kIngest)}).token.expires_at.ns, wall.now().ns + 365 * kDay);
  EXPECT_EQ(make_token({grant("shop", kIngest)}, "", 0).token.expires_at.ns, 0) << "for ever, when it is said";
  const auto set = [&](const std::string& key, const std::string& value) {
    return service.change(admin, [&](const PlanScene& scene) { return plan_setting(scene, key, value); });
  };
  ASSERT_TRUE(set("token.ttl_max", "30d"));
  EXPECT_EQ(make_token({grant("shop", kIngest)}).token.expires_at.ns, wall.now().ns + 30 * kDay);
  for (const std::int64_t ttl : {std::int64_t{0}, 31 * kDay}) {
    TokenWish wish;
    wish.name = "long";
    wish.grants = {grant("shop", kIngest)};
    wish.ttl_ns = ttl;
    const auto refused = service.create_token(admin, wish);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().field, "ttl");
    EXPECT_NE(refused.error().message.find("30d"), std::string::npos) << refused.error().message;
  }
  EXPECT_FALSE(set("token.ttl_max", "soon"));
  EXPECT_FALSE(set("token.no_such", "30d"));
  EXPECT_FALSE(set("token.no_such", ""));
}

TEST_F(IdentityTest, AnOwnedTokenMayNeverMoreThanItsOwner) {
  add_user("ann", {}, {grant("shop", Rights(Right::logs_read) | kIngest, {"pi-*"}), grant("till", Right::logs_read)});
  const MadeToken made = make_token({grant("*", Rights(Right::logs_read) | Right::admin)}, "ann");
  PrincipalPtr who = token(made.secret);
  ASSERT_TRUE(who);
  EXPECT_TRUE(who->grants.may(Right::logs_read, {"till"}));
  EXPECT_TRUE(who->grants.may(Right::logs_read, {"shop", "pi-3"}));
  EXPECT_FALSE(who->grants.may(Right::logs_read, {"shop", "web"}));
  EXPECT_FALSE(who->grants.may(Right::ingest_logs, {"shop"})) << "what it was not given";
  EXPECT_FALSE(who->grants.may(Right::logs_read, {"other"}));
  EXPECT_FALSE(who->grants.may_somewhere(Right::admin));

  UserWish less;
  less.grants = std::vector<Grant>{grant("till", Right::logs_read)};
  change_user("ann", less);
  EXPECT_FALSE(cache.tokens().still_valid(*who)) << "what it could do more ends";
  EXPECT_FALSE(token(made.secret)->grants.may(Right::logs_read, {"shop", "pi-3"}));
  UserWish off;
  off.disabled = true;
  change_user("ann", off);
  EXPECT_FALSE(token(made.secret));
}

TEST_F(IdentityTest, OthersMakeTokensForThemselvesOnly) {
  add_user("ann");
  add_user("bob");
  const Caller ann{"user:ann", "", "ann", false};
  TokenWish wish;
  wish.name = "mine";
  wish.grants = {grant("*", Right::admin)};
  const auto made = service.create_token(ann, wish);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->token.owner, "ann");
  EXPECT_FALSE(token(made->secret)->grants.may_somewhere(Right::admin));
  wish.owner = "bob";
  EXPECT_EQ(service.create_token(ann, wish).error().code, ErrorCode::forbidden);
  const MadeToken of_bob = make_token({grant("*", Right::logs_read)}, "bob");
  const auto revoke = [&](const std::string& id) { return service.change(ann, [&](const PlanScene& scene) { return plan_token_revocation(scene, id); }); };
  EXPECT_EQ(revoke(of_bob.token.id).error().code, ErrorCode::not_found);
  EXPECT_EQ(revoke("no-such").error().code, ErrorCode::not_found) << "the same as for one that is not there";
  EXPECT_TRUE(revoke(made->token.id));
}

TEST_F(IdentityTest, ARoleHoldsWhereItWasGiven) {
  add_user("ann", {{"viewer", "shop"}, {"administrator", "till"}});
  log_in("ann");
  const PrincipalPtr who = session(log_in("ann").secret);
  ASSERT_TRUE(who);
  EXPECT_TRUE(who->grants.may(Right::logs_read, {"shop"}));
  EXPECT_FALSE(who->grants.may(Right::logs_read, {"other"}));
  EXPECT_TRUE(who->grants.may(Right::logs_delete, {"till"}));
  EXPECT_FALSE(who->grants.may_somewhere(Right::admin)) << "of one deployment nobody is the instance's administrator";
  UserWish all;
  all.roles = std::vector<HeldRole>{{"administrator", "*"}};
  change_user("ann", all);
  EXPECT_TRUE(session(log_in("ann").secret)->grants.may_somewhere(Right::admin));
}

TEST_F(IdentityTest, WhatTwoGrantsBothAllowIsNeverMoreThanEither) {
  struct Case { std::vector<std::string> a, b, both; };
  const Case cases[] = {
      {{}, {"pi-*"}, {"pi-*"}},
      {{"pi-3"}, {"pi-*"}, {"pi-3"}},
      {{"*"}, {"pi-*", "web"}, {"pi-*", "web"}},
      {{"pi-1*"}, {"pi-*"}, {"pi-1*"}},
      {{"pi-?"}, {"pi-*"}, {"pi-?"}},
      {{"p?"}, {"p*x"}, {}},
      {{"a*"}, {"a?"}, {"a?"}},
      {{"web"}, {"pi-*"}, {}},
      {{"a*"}, {"*b"}, {}},
  };
  for (const Case& one : cases) {
    const auto left = narrowed({grant("shop", Right::logs_read, one.a)}, {grant("*", Right::logs_read, one.b)});
    if (one.both.empty()) {
      EXPECT_TRUE(left.empty()) << one.a.front();
    } else {
      ASSERT_EQ(left.size(), 1u);
      EXPECT_EQ(left[0].sources, one.both);
    }
  }
  EXPECT_TRUE(narrowed({grant("shop", Right::logs_read)}, {grant("till", Right::logs_read)}).empty());
  EXPECT_TRUE(narrowed({grant("shop", Right::logs_read)}, {grant("*", Right::metrics_read)}).empty());
}

TEST_F(IdentityTest, KnownTokensAreKnownWhileTheStoreIsAwayForAsLongAsIsSaid) {
  IdentityCache bounded(store, clock, {.keep_known = std::chrono::hours(2)});
  const MadeToken made = make_token({grant("shop", kIngest)});
  ASSERT_TRUE(bounded.refresh());
  EXPECT_EQ(bounded.problem(), "");
  store.away = true;
  EXPECT_FALSE(bounded.refresh());
  EXPECT_FALSE(cache.refresh());
  const auto digest = digest_of(made.secret);
  EXPECT_TRUE(*bounded.tokens().find(digest));
  EXPECT_NE(bounded.problem().find("2026-11-20T15:33:00Z"), std::string::npos) << bounded.problem();
  wall.advance(std::chrono::hours(3));
  EXPECT_FALSE(bounded.tokens().find(digest).has_value()) << "nobody can tell";
  EXPECT_TRUE(*cache.tokens().find(digest)) << "0 is for as long as it takes";
  store.away = false;
  ASSERT_TRUE(bounded.refresh());
  EXPECT_TRUE(*bounded.tokens().find(digest));
}

TEST_F(IdentityTest, WhatAnotherServerMadeIsLookedUpAndWhatIsUnknownIsToldSo) {
  cache.start();
  test::FakeClock other_wall;
  IdentityCache others(store, other_wall, {});
  IdentityService other(store, others, told, other_wall);
  const auto look_up = [this](TokenSource& source, const std::string& secret) {
    std::atomic<bool> over{false};
    Result<PrincipalPtr> answer = PrincipalPtr();
    for (;;) {
      over = false;
      const bool has_looked = cache.directory() != nullptr;
      source.look_up(digest_of(secret), [&](Result<PrincipalPtr> found) {
        answer = std::move(found);
        over = true;
        over.notify_all();
      });
      over.wait(false);
      if (answer || has_looked) return answer;  // else its thread had not looked once
      std::this_thread::yield();
    }
  };
  EXPECT_FALSE(look_up(cache.tokens(), "pst_unknown").value());
  TokenWish wish;
  wish.name = "elsewhere";
  wish.grants = {grant("shop", kIngest)};
  const auto made = other.create_token(admin, wish);
  const auto found = look_up(cache.tokens(), made->secret);
  ASSERT_TRUE(found);
  EXPECT_TRUE(*found);
  store.away = true;
  const auto nobody = look_up(cache.tokens(), "pst_another");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, ErrorCode::unavailable) << "not: unknown, which agents take for final";
  EXPECT_TRUE(token(made->secret));
}

TEST_F(IdentityTest, BeforeTheFirstLookNobodyIsKnownAndNobodyIsRefusedForGood) {
  EXPECT_FALSE(cache.tokens().find(digest_of("pst_any")).has_value());
  bool told_away = false;
  cache.tokens().look_up(digest_of("pst_any"), [&](Result<PrincipalPtr> found) { told_away = !found && found.error().code == ErrorCode::unavailable; });
  EXPECT_TRUE(told_away);
  EXPECT_NE(cache.problem(), "");
}

TEST_F(IdentityTest, AServerThatStartsWhileTheStoreIsAwayKnowsWhatAnEarlierRunKnew) {
  const std::string file = ::testing::TempDir() + "known-identities-" + std::to_string(getpid());
  const IdentityCache::Options options{.keep_known = std::chrono::hours(2), .kept_file = file};
  add_user("ann");
  const MadeToken made = make_token({grant("shop", kIngest, {"pi-*"})});
  const std::string of_ann = log_in("ann").secret;
  {
    IdentityCache earlier(store, clock, options);
    earlier.start();
    while (access(file.c_str(), F_OK) != 0) std::this_thread::yield();
    earlier.stop();
  }
  store.away = true;
  IdentityCache later(store, clock, options);
  later.recall();
  const auto who = later.tokens().find(digest_of(made.secret));
  ASSERT_TRUE(who.has_value() && *who);
  EXPECT_TRUE((*who)->grants.may(Right::ingest_logs, {"shop", "pi-3"}));
  EXPECT_FALSE((*who)->grants.may(Right::ingest_logs, {"shop", "web"}));
  EXPECT_TRUE(*later.sessions().find(digest_of(of_ann)));
  EXPECT_TRUE(later.directory()->identities().users.at("ann").password.empty()) << "no password is kept there";
  wall.advance(std::chrono::hours(3));
  EXPECT_FALSE(later.tokens().find(digest_of(made.secret)).has_value()) << "no longer than auth.keep_known";
  store.away = false;
  ASSERT_TRUE(later.refresh());
  EXPECT_FALSE(later.directory()->identities().users.at("ann").password.empty()) << "though the version is the same";
  IdentityCache after(store, clock, options);
  std::ofstream(file, std::ios::trunc) << "PSTKID4\nrubbish";
  after.recall();
  EXPECT_FALSE(after.directory());
  unlink(file.c_str());
}

TEST_F(IdentityTest, LastUseIsNotedLazily) {
  const MadeToken made = make_token({grant("shop", kIngest)});
  wall.advance(std::chrono::minutes(7));
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(token(made.secret));
  EXPECT_EQ(store.load(wall.now())->tokens.at(made.token.id).last_used.ns, 0);
  cache.note_uses();
  EXPECT_EQ(store.load(wall.now())->tokens.at(made.token.id).last_used, wall.now());
}

TEST_F(IdentityTest, OfTwoChangesAtOnceNoneIsLost) {
  add_user("ann");
  store.meanwhile = [](Identities& there) { there.users.at("ann").full_name = "Ann Miller"; };
  UserWish wish;
  wish.roles = std::vector<HeldRole>{{"viewer", "*"}};
  change_user("ann", wish);
  EXPECT_EQ(store.load(wall.now())->users.at("ann").full_name, "Ann Miller");
  EXPECT_EQ(store.load(wall.now())->users.at("ann").roles.size(), 1u);
}

TEST_F(IdentityTest, WhatMakesNoSenseIsRefusedWithWhatToDo) {
  add_user("ann");
  const auto refused = [&](const IdentityService::Plan& plan) {
    const auto done = service.change(admin, plan);
    EXPECT_FALSE(done);
    return done ? ErrorCode::internal : done.error().code;
  };
  UserWish wish;
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_new_user(scene, "ann", wish); }), ErrorCode::conflict);
  wish.roles = std::vector<HeldRole>{{"no-such", "*"}};
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_new_user(scene, "bob", wish); }), ErrorCode::invalid_request);
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_user_removal(scene, "bob"); }), ErrorCode::not_found);
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_role(scene, "viewer", "", {}); }), ErrorCode::conflict);
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_role_removal(scene, "viewer"); }), ErrorCode::conflict);
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_grant_removal(scene, 1); }), ErrorCode::conflict) << "of a built-in role";
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_new_grant(scene, "user", "bob", grant("*", Right::logs_read)); }), ErrorCode::not_found);
  EXPECT_EQ(refused([&](const PlanScene& scene) { return plan_new_grant(scene, "user", "ann", grant("shop", Right::admin)); }), ErrorCode::invalid_request);
  for (const char* name : {"", ".", "..", "a b", "a/b", "ä"}) EXPECT_FALSE(user_name(name)) << name;
  EXPECT_EQ(*user_name("Ann.Miller+x@Example.com"), "ann.miller+x@example.com");
}

TEST_F(IdentityTest, AGrantIsAddedToTheOneOfTheSamePlaceAndRemovedById) {
  add_user("ann");
  for (const Right right : {Right::logs_read, Right::metrics_read, Right::logs_read}) {
    ASSERT_TRUE(service.change(admin, [&](const PlanScene& scene) { return plan_new_grant(scene, "user", "ann", grant("shop", right)); }));
  }
  auto grants = store.load(wall.now())->users.at("ann").grants;
  ASSERT_EQ(grants.size(), 1u);
  EXPECT_EQ(grants[0].rights, (std::vector<std::string>{"metrics:read", "logs:read"}));
  const std::int64_t id = grants[0].id;
  ASSERT_TRUE(service.change(admin, [&](const PlanScene& scene) { return plan_grant_removal(scene, id); }));
  EXPECT_TRUE(store.load(wall.now())->users.at("ann").grants.empty());
}

TEST_F(IdentityTest, TheAuditTrailKeepsWhatItIsToldWhileTheStoreIsAwayUpToABound) {
  metrics::Registry metrics;
  store.away = true;
  AuditTrail trail(store, clock, metrics, 5);
  trail.start();
  for (int i = 0; i < 7; ++i) trail.tell({{}, "user:ann", "logs.delete", "deployment:shop"});
  store.away = false;
  trail.stop();
  EXPECT_EQ(store.told().size(), 5u);
  EXPECT_EQ(store.told()[0].at, wall.now());
}

}  // namespace
}  // namespace penstock::auth
