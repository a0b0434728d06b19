#include "penstock/core/grants.hpp"

#include <gmock/gmock.h>

namespace penstock {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Grant of(const char* deployment, Rights rights, std::vector<std::string> sources = {}) {
  return {.all_deployments = false, .deployment = deployment, .rights = rights, .sources = std::move(sources)};
}
Grant of_all(Rights rights, std::vector<std::string> sources = {}) {
  return {.all_deployments = true, .deployment = {}, .rights = rights, .sources = std::move(sources)};
}

TEST(Rights, EveryNameIsReadAsItIsWritten) {
  for (const char* name : {"deployment:read", "metrics:read", "logs:read", "logs:delete", "custom_metrics:read", "ingest", "ingest:logs", "ingest:metrics",
                           "admin", "audit:read"}) {
    const auto rights = parse_rights(name);
    ASSERT_TRUE(rights) << name;
    EXPECT_THAT(right_names(*rights), ElementsAre(name));
  }
  EXPECT_FALSE(parse_rights("logs"));
  EXPECT_FALSE(parse_rights(""));
  EXPECT_THAT(right_names(kIngest | Right::logs_read), ElementsAre("logs:read", "ingest"));
  EXPECT_EQ(parse_rights(std::vector<std::string>{"logs:read", "ingest:logs"}).value(), Right::logs_read | Right::ingest_logs);
  const auto wrong = parse_rights(std::vector<std::string>{"logs:read", "root"});
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("audit:read")) << "says which there are";
}

TEST(Grants, GiveTheirRightsInTheirDeploymentAndNoOthers) {
  const Grants grants({of("shop", Right::logs_read | Right::ingest_logs), of("bank", Right::metrics_read)});
  EXPECT_TRUE(grants.may(Right::logs_read, {"shop"}));
  EXPECT_TRUE(grants.may(Right::ingest_logs, {"shop"}));
  EXPECT_TRUE(grants.may(Right::metrics_read, {"bank"}));
  EXPECT_FALSE(grants.may(Right::logs_read, {"bank"}));
  EXPECT_FALSE(grants.may(Right::logs_delete, {"shop"}));
  EXPECT_FALSE(grants.may(Right::ingest_metrics, {"shop"}));
  EXPECT_FALSE(grants.may(Right::logs_read, {"shop2"}));
  EXPECT_FALSE(grants.may(Right::logs_read, {""}));
  EXPECT_TRUE(grants.may_somewhere(Right::metrics_read | Right::admin));
  EXPECT_FALSE(grants.may_somewhere(Right::admin));
  EXPECT_FALSE(Grants().may_somewhere(kDeploymentRights | kInstanceRights));
}

TEST(Grants, NoRightContainsAnother) {
  for (const Right held : {Right::deployment_read, Right::metrics_read, Right::logs_read, Right::logs_delete, Right::custom_metrics_read, Right::ingest_logs,
                           Right::ingest_metrics, Right::admin, Right::audit_read}) {
    const Grants grants({of_all(held)});
    for (const Right asked : {Right::deployment_read, Right::metrics_read, Right::logs_read, Right::logs_delete, Right::custom_metrics_read,
                              Right::ingest_logs, Right::ingest_metrics, Right::admin, Right::audit_read}) {
      EXPECT_EQ(grants.may(asked, {"shop"}), asked == held) << right_name(held) << ' ' << right_name(asked);
    }
  }
}

TEST(Grants, RightsOfTheInstanceAreNotHeldByADeploymentOrASource) {
  EXPECT_FALSE(Grants({of("shop", Right::admin)}).may_somewhere(Right::admin));
  EXPECT_FALSE(Grants({of_all(Right::admin, {"web"})}).may(Right::admin, {}));
  EXPECT_TRUE(Grants({of_all(Right::admin)}).may(Right::admin, {}));
}

TEST(Grants, ASourceIsCoveredByNameOrPattern) {
  const Grants grants({of("shop", Right::logs_read, {"web-*", "db"}), of_all(Right::logs_read, {"pi-?"})});
  EXPECT_TRUE(grants.may(Right::logs_read, {"shop", "web-1"}));
  EXPECT_TRUE(grants.may(Right::logs_read, {"shop", "db"}));
  EXPECT_TRUE(grants.may(Right::logs_read, {"shop", "pi-1"}));
  EXPECT_FALSE(grants.may(Right::logs_read, {"shop", "cache"}));
  EXPECT_FALSE(grants.may(Right::logs_read, {"bank", "web-1"}));
  EXPECT_TRUE(grants.may(Right::logs_read, {"bank"})) << "some sources at least";
  EXPECT_FALSE(grants.may(Right::logs_read, {"bank", ""}));
}

TEST(Grants, NamedCustomMetricsAreTheOnlyOnes) {
  Grant grant = of("shop", Right::custom_metrics_read | Right::metrics_read);
  grant.custom_metrics = {"orders.*"};
  const Grants grants({grant});
  EXPECT_TRUE(grants.may(Right::custom_metrics_read, {"shop", {}, "orders.open"}));
  EXPECT_FALSE(grants.may(Right::custom_metrics_read, {"shop", {}, "profit"}));
  EXPECT_TRUE(grants.may(Right::custom_metrics_read, {"shop"}));
  EXPECT_TRUE(grants.may(Right::metrics_read, {"shop", {}, "cpu.usage"})) << "it narrows the one right alone";
}

TEST(Reach, UnitesWhatTheGrantsOfARightCover) {
  const Grants grants({of("shop", Right::logs_read, {"web-*"}), of("shop", Right::logs_read, {"db"}), of("bank", Right::logs_read),
                       of("farm", Right::metrics_read)});
  const Reach reach = grants.reach(Right::logs_read);
  EXPECT_FALSE(reach.everywhere());
  EXPECT_FALSE(reach.nowhere());
  EXPECT_THAT(reach.deployments(), ElementsAre("bank", "shop"));
  EXPECT_THAT(reach.in("shop").patterns(), ElementsAre("db", "web-*"));
  EXPECT_TRUE(reach.in("bank").is_all());
  EXPECT_TRUE(reach.in("farm").is_none());
  EXPECT_TRUE(reach.narrowed());
  EXPECT_TRUE(grants.reach(Right::logs_delete).nowhere());
}

TEST(Reach, AGrantOfAllDeploymentsAddsToEach) {
  const Reach some = Grants({of_all(Right::logs_read, {"pi-*"}), of("shop", Right::logs_read, {"web"})}).reach(Right::logs_read);
  EXPECT_TRUE(some.everywhere());
  EXPECT_TRUE(some.narrowed());
  EXPECT_THAT(some.in("shop").patterns(), ElementsAre("pi-*", "web"));
  EXPECT_THAT(some.in("another").patterns(), ElementsAre("pi-*"));
  const Reach all = Grants({of("shop", Right::logs_read, {"web"}), of_all(Right::logs_read)}).reach(Right::logs_read);
  EXPECT_TRUE(all.everywhere());
  EXPECT_FALSE(all.narrowed());
  EXPECT_THAT(all.deployments(), IsEmpty());
}

// What the queries' filter covers is what the decision about each record would be.
TEST(Reach, IsWhatMaySays) {
  const std::vector<Grants> many = {Grants({of("shop", Right::logs_read, {"web-*"}), of_all(Right::logs_read, {"db"}), of("bank", Right::logs_read)}),
                                    Grants({of("shop", Right::logs_read)}), Grants(), Grants::everything(), Grants({of_all(Right::metrics_read)})};
  for (const Grants& grants : many) {
    const Reach reach = grants.reach(Right::logs_read);
    for (const char* deployment : {"shop", "bank", "farm", ""}) {
      for (const char* source : {"web-1", "db", "", "other"}) {
        EXPECT_EQ(reach.in(deployment).covers(source), grants.may(Right::logs_read, {deployment, source})) << deployment << ' ' << source;
      }
      EXPECT_EQ(!reach.in(deployment).is_none(), grants.may(Right::logs_read, {deployment}));
    }
  }
}

TEST(Grant, WhatMakesNoSenseIsRefusedWithItsField) {
  const auto field_of = [](const Grant& grant) {
    const auto checked = check(grant);
    return checked ? std::string("fine") : checked.error().field;
  };
  EXPECT_EQ(field_of(of("shop", Right::logs_read, {"web-*"})), "fine");
  EXPECT_EQ(field_of(of_all(Right::admin)), "fine");
  EXPECT_EQ(field_of(of("shop", {})), "rights");
  EXPECT_EQ(field_of(of("shop", Right::admin)), "rights");
  EXPECT_EQ(field_of(of_all(Right::audit_read, {"web"})), "rights");
  EXPECT_EQ(field_of(of("no name", Right::logs_read)), "deployment");
  EXPECT_EQ(field_of(of("", Right::logs_read)), "deployment");
  EXPECT_EQ(field_of({.all_deployments = true, .deployment = "shop", .rights = Right::logs_read}), "deployment");
  EXPECT_EQ(field_of(of("shop", Right::logs_read, {""})), "sources");
  EXPECT_EQ(field_of(of("shop", Right::logs_read, std::vector<std::string>(65, "a"))), "sources");
  Grant custom = of("shop", Right::metrics_read);
  custom.custom_metrics = {"orders.*"};
  EXPECT_EQ(field_of(custom), "custom_metrics");
}

}  // namespace
}  // namespace penstock
