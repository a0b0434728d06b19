// What is set about deployments: declared metrics, retention, undeclared metrics; from the wish to what every request goes by.
#include <gtest/gtest.h>
#include <unistd.h>

#include "auth/identity_cache.hpp"
#include "auth/identity_service.hpp"
#include "auth/kept_identities.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_identity_store.hpp"

namespace penstock::auth {
namespace {

class SilentLog final : public AuditLog {
 public:
  void tell(AuditEntry) override {}
};

class DeploymentRulesTest : public ::testing::Test {
 protected:
  Result<void> change(const IdentityService::Plan& plan) { return service.change(admin, plan); }
  Result<void> declare(std::vector<MetricWish> wishes) {
    return change([&](const PlanScene& scene) { return plan_declarations(scene, wishes); });
  }
  Result<void> patch(std::int64_t id, const MetricWish& wish, bool whole = false) {
    return change([&](const PlanScene& scene) { return plan_declaration_change(scene, id, wish, whole); });
  }
  Result<void> keep(const std::string& deployment, RecordKind kind, std::int64_t age, std::uint64_t bytes = 0) {
    return change([&](const PlanScene& scene) { return plan_retention(scene, {.deployment = deployment, .kind = kind, .max_age_ns = age, .max_bytes = bytes}); });
  }
  Result<void> undeclared(const std::string& deployment, Undeclared metrics) {
    return change([&](const PlanScene& scene) { return plan_undeclared(scene, deployment, metrics); });
  }
  static MetricWish metric(std::string deployment, std::string name) { return {.deployment = std::move(deployment), .name = std::move(name)}; }
  const MetricDeclaration* found(std::string_view deployment, std::string_view name) {
    rules = cache.rules().get();
    return rules && rules->declared ? rules->declared->find(deployment, name) : nullptr;
  }
  std::string last_action() { return store.told().empty() ? "" : store.told().back().action; }

  test::FakeClock clock;
  test::FakeIdentityStore store;
  const std::vector<RetentionRule> configured{{"", RecordKind::log, 30 * kDay, 0}, {"shop", std::nullopt, 60 * kDay, 0}};
  IdentityCache cache{store, clock, {.retention = configured}};
  SilentLog log;
  IdentityService service{store, cache, log, clock};
  const Caller admin{"user:ann", "192.0.2.9", "ann", true};
  std::shared_ptr<const DeploymentRules> rules;
};

TEST_F(DeploymentRulesTest, ADeclarationCountsFromItsAnswerToItsRemoval) {
  ASSERT_TRUE(cache.refresh());
  EXPECT_FALSE(cache.rules().get()) << "nothing is set: there is nothing to look at";
  MetricWish wish = metric("shop", "orders.*");
  wish.least = std::optional<double>(0);
  wish.unit = "orders";
  ASSERT_TRUE(declare({wish}));
  ASSERT_TRUE(found("shop", "orders.open"));
  EXPECT_EQ(found("shop", "orders.open")->unit, "orders");
  EXPECT_FALSE(found("bank", "orders.open"));
  EXPECT_EQ(last_action(), "custom_metric.declare");
  EXPECT_NE(store.told().back().detail.find("\"min\":\"0\""), std::string::npos) << store.told().back().detail;
  const std::int64_t id = found("shop", "orders.open")->id;
  ASSERT_TRUE(patch(id, {.name = "sales.*"}));
  EXPECT_FALSE(found("shop", "orders.open"));
  ASSERT_TRUE(found("shop", "sales.open"));
  EXPECT_EQ(found("shop", "sales.open")->unit, "orders") << "what is not given stays";
  EXPECT_NE(store.told().back().detail.find("orders.*"), std::string::npos) << "the name before is told";
  ASSERT_TRUE(patch(id, metric("*", "sales.*"), true));
  EXPECT_EQ(found("bank", "sales.open")->unit, "") << "a whole one has what is given alone";
  EXPECT_FALSE(found("bank", "sales.open")->least.has_value());
  const std::size_t entries = store.told().size();
  ASSERT_TRUE(patch(id, {.unit = ""}));
  EXPECT_EQ(store.told().size(), entries) << "what changes nothing is nothing that happened";
  ASSERT_TRUE(change([id](const PlanScene& scene) { return plan_declaration_removal(scene, id); }));
  EXPECT_FALSE(cache.rules().get());
  EXPECT_EQ(change([id](const PlanScene& scene) { return plan_declaration_removal(scene, id); }).error().code, ErrorCode::not_found);
}

TEST_F(DeploymentRulesTest, ANameIsDeclaredOnceInADeploymentAndAListAsAWholeOrNotAtAll) {
  ASSERT_TRUE(declare({metric("shop", "orders.open"), metric("*", "orders.open"), metric("shop", "orders.*")}));
  EXPECT_EQ(declare({metric("shop", "orders.open")}).error().code, ErrorCode::conflict);
  EXPECT_EQ(declare({metric("shop", "orders\\.open")}).error().code, ErrorCode::conflict) << "the same name in another spelling";
  EXPECT_EQ(declare({metric("shop", "new.one"), metric("shop", "new.one")}).error().field, "metrics[1].name");
  EXPECT_FALSE(found("shop", "new.one"));
  EXPECT_EQ(declare({metric("shop", "ok"), metric("no place", "x")}).error().field, "metrics[1].deployment");
  EXPECT_EQ(patch(found("shop", "orders.open")->id, {.name = "orders.*"}).error().code, ErrorCode::conflict);
}

TEST_F(DeploymentRulesTest, ThousandsOfDeclarationsFitAndPatternsThatBeginAlikeAreBounded) {
  std::vector<MetricWish> many;
  for (int i = 0; i < 2000; ++i) many.push_back(metric("shop", "device." + std::to_string(i) + ".*"));
  ASSERT_TRUE(declare(many));
  EXPECT_TRUE(found("shop", "device.1999.temperature"));
  std::vector<MetricWish> alike;
  for (std::size_t i = 0; i < kMostPatternsAlike; ++i) alike.push_back(metric("shop", "*" + std::to_string(i)));
  ASSERT_TRUE(declare(alike));
  EXPECT_EQ(declare({metric("shop", "*x")}).error().code, ErrorCode::conflict);
  EXPECT_TRUE(declare({metric("bank", "*x")}));
  EXPECT_TRUE(declare({metric("shop", "y*x")}));
}

TEST_F(DeploymentRulesTest, RetentionThatIsSetCountsBeforeTheConfigurationsOfTheSamePlace) {
  ASSERT_TRUE(cache.refresh());
  ASSERT_TRUE(keep("shop", RecordKind::log, 7 * kDay));
  ASSERT_TRUE(keep("*", RecordKind::log, 90 * kDay, 1 << 20));
  rules = cache.rules().get();
  ASSERT_TRUE(rules);
  EXPECT_EQ(max_age_ns(rules->retention, "shop", RecordKind::log), 7 * kDay);
  EXPECT_EQ(max_age_ns(rules->retention, "shop", RecordKind::metric), 60 * kDay) << "the configuration's, of the deployment";
  EXPECT_EQ(max_age_ns(rules->retention, "bank", RecordKind::log), 90 * kDay);
  EXPECT_EQ(governing_rule(rules->retention, "bank", RecordKind::log)->max_bytes, 1u << 20);
  EXPECT_EQ(last_action(), "retention.change");
  const std::size_t entries = store.told().size();
  ASSERT_TRUE(keep("shop", RecordKind::log, 7 * kDay));
  EXPECT_EQ(store.told().size(), entries);
  const auto reset = [this](const std::string& deployment, RecordKind kind) {
    return change([&](const PlanScene& scene) { return plan_retention_removal(scene, deployment, kind); });
  };
  ASSERT_TRUE(reset("shop", RecordKind::log));
  EXPECT_EQ(max_age_ns(cache.rules().get()->retention, "shop", RecordKind::log), 60 * kDay);
  EXPECT_EQ(reset("shop", RecordKind::log).error().code, ErrorCode::not_found);
  EXPECT_EQ(keep("no place", RecordKind::log, kDay).error().field, "deployment");
  ASSERT_TRUE(reset("*", RecordKind::log));
  EXPECT_FALSE(cache.rules().get());
}

TEST_F(DeploymentRulesTest, WhatBecomesOfUndeclaredMetricsIsOfADeploymentOrOfAll) {
  ASSERT_TRUE(undeclared("*", Undeclared::refused));
  ASSERT_TRUE(undeclared("lab", Undeclared::taken));
  EXPECT_TRUE(cache.rules().get()->declared->refuses_undeclared("shop"));
  EXPECT_FALSE(cache.rules().get()->declared->refuses_undeclared("lab"));
  ASSERT_TRUE(undeclared("lab", Undeclared::unsaid));
  EXPECT_TRUE(cache.rules().get()->declared->refuses_undeclared("lab"));
  ASSERT_TRUE(undeclared("*", Undeclared::unsaid));
  EXPECT_FALSE(cache.rules().get());
}

TEST_F(DeploymentRulesTest, WhatIsSetIsKnownWhileTheStoreIsAwayAndLongerThanTokensAre) {
  ASSERT_TRUE(declare({metric("shop", "orders.*")}));
  store.away = true;
  EXPECT_EQ(declare({metric("shop", "more.*")}).error().code, ErrorCode::unavailable);
  EXPECT_TRUE(found("shop", "orders.open"));
  clock.advance(std::chrono::hours(1000));
  EXPECT_FALSE(cache.refresh());
  EXPECT_TRUE(found("shop", "orders.open"));
}

TEST_F(DeploymentRulesTest, AServerThatStartsWhileTheStoreIsAwayKnowsThemOfItsLastRun) {
  MetricWish wish = metric("shop", "größe.*");
  wish.least = std::optional<double>(-0.1);
  wish.most = std::optional<double>(1e300);
  ASSERT_TRUE(declare({wish}));
  ASSERT_TRUE(keep("shop", RecordKind::metric, 7 * kDay, 1u << 30));
  ASSERT_TRUE(undeclared("bank", Undeclared::refused));
  ASSERT_TRUE(undeclared("lab", Undeclared::taken));
  const Identities before = cache.directory()->identities();
  const auto kept = kept_identities(keep_identities({before, clock.now()}));
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->identities.declarations.size(), 1u);
  const StoredDeclaration& one = kept->identities.declarations.begin()->second;
  EXPECT_EQ(one.metric, before.declarations.begin()->second.metric);
  EXPECT_EQ(one.changed_by, "user:ann");
  ASSERT_EQ(kept->identities.retention.size(), 1u);
  EXPECT_EQ(kept->identities.retention.front().kind, RecordKind::metric);
  EXPECT_EQ(kept->identities.retention.front().max_bytes, 1u << 30);
  EXPECT_EQ(kept->identities.undeclared, before.undeclared);
}

}  // namespace
}  // namespace penstock::auth
