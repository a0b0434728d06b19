// The list of deployments: whole, cheap, and no wider than the scope.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "query_world.hpp"

namespace penstock::query::test {
namespace {

using Call = penstock::test::FakeChunkStore::Call;

std::vector<std::string> names(World& world, const Scope& scope = Scope::everything()) {
  const auto list = world.engine.deployments(scope, world.go);
  std::vector<std::string> found;
  if (!list) {
    ADD_FAILURE() << list.error().message;
  } else {
    for (const auto& one : list->deployments) found.push_back(one.name);
  }
  return found;
}

TEST(DeploymentList, HoldsWhatIsStoredAndWhatOnlyTheJournalHas) {
  World world;
  world.ingest({log_row("a", 0, "shop"), log_row("b", 0, "bank"), log_row("c", 0, "shop")});
  EXPECT_EQ(names(world), (std::vector<std::string>{"bank", "shop"})) << "before the store has them";
  world.flush();
  world.ingest({log_row("d", 0, "attic")});
  EXPECT_EQ(names(world), (std::vector<std::string>{"attic", "bank", "shop"}));
  world.flush();
  EXPECT_EQ(names(world), (std::vector<std::string>{"attic", "bank", "shop"})) << "also between two counts of the store";
}

TEST(DeploymentList, TellsHowMuchIsStored) {
  World world;
  world.ingest({log_row("a", kHour, "shop"), log_row("b", 0, "shop")});
  world.flush();
  const auto list = world.engine.deployments(Scope::everything(), world.go);
  ASSERT_TRUE(list && list->deployments.size() == 1);
  EXPECT_TRUE(list->all);
  ASSERT_TRUE(list->deployments[0].logs);
  EXPECT_FALSE(list->deployments[0].metrics);
  EXPECT_EQ(list->deployments[0].logs->records, 2u);
  EXPECT_GT(list->deployments[0].logs->bytes, 0u);
  EXPECT_EQ(list->deployments[0].logs->first.ns, kNow.ns - kHour);
  EXPECT_EQ(list->deployments[0].logs->last, kNow);
}

TEST(DeploymentList, CountsTheStoreOnlyNowAndThen) {
  World world;
  std::vector<LogRow> rows;
  for (int i = 0; i < 500; ++i) rows.push_back(log_row("x", 0, "deployment-" + std::to_string(1000 + i)));
  world.ingest(std::move(rows));
  world.flush();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(names(world).size(), 500u);
  EXPECT_EQ(world.store.calls(Call::stored), 1);
  world.clock.advance(std::chrono::seconds(11));
  EXPECT_EQ(names(world).size(), 500u);
  EXPECT_EQ(world.store.calls(Call::stored), 2);
}

TEST(DeploymentList, OfAScopeIsItsOwnNamesAndNothingIsLookedFor) {
  World world;
  world.ingest({log_row("a", 0, "shop"), log_row("b", 0, "bank")});
  world.flush();
  const int snapshots = world.store.calls(Call::snapshot);
  const auto reader_of = [](const std::vector<std::string>& deployments) {
    std::vector<Grant> grants;
    for (const std::string& name : deployments) grants.push_back({.all_deployments = false, .deployment = name, .rights = Right::logs_read});
    return Scope{std::make_shared<const Grants>(std::move(grants)), {}};
  };
  EXPECT_EQ(names(world, reader_of({"shop", "not-there"})), (std::vector<std::string>{"not-there", "shop"})) << "the same whether it exists";
  EXPECT_EQ(names(world, Scope::of({})), std::vector<std::string>{});
  EXPECT_EQ(world.store.calls(Call::snapshot), snapshots);
  const auto list = world.engine.deployments(reader_of({"shop"}), world.go);
  ASSERT_TRUE(list);
  EXPECT_FALSE(list->all);
  EXPECT_FALSE(list->deployments[0].logs);
}

TEST(DeploymentList, OfSomeSourcesWhereverTheyAreHoldsOnlyWhereTheyWereSeen) {
  World world;
  LogRow mine = log_row("a", 0, "shop"), others = log_row("b", 0, "bank"), old = log_row("c", 3 * kDay, "farm");
  mine.source = old.source = "web-1";
  others.source = "db";
  world.ingest({mine, others, old});
  const auto of_web = [&](Rights rights) {
    return names(world, Scope{std::make_shared<const Grants>(std::vector<Grant>{{.all_deployments = true, .deployment = "", .rights = rights, .sources = {"web-*"}},
                                                                                {.all_deployments = false, .deployment = "named", .rights = rights}}), {}});
  };
  for (const char* where : {"the journal", "the store"}) {
    EXPECT_EQ(of_web(Right::logs_read), (std::vector<std::string>{"named", "shop"})) << where;
    EXPECT_EQ(of_web(Right::deployment_read), std::vector<std::string>{"named"}) << "no record can be read by that";
    world.flush();
  }
  EXPECT_EQ(names(world).size(), 3u);
}

TEST(DeploymentList, TellsTheSizeOfThoseAloneInAllOfWhichTheRightHolds) {
  World world;
  world.ingest({log_row("a", 0, "shop"), log_row("b", 0, "bank"), log_row("c", 0, "farm")});
  world.flush();
  const Scope scope{std::make_shared<const Grants>(std::vector<Grant>{{.all_deployments = false, .deployment = "shop", .rights = Right::deployment_read},
                                                  {.all_deployments = false, .deployment = "bank", .rights = Right::deployment_read, .sources = {"web"}},
                                                  {.all_deployments = false, .deployment = "none", .rights = Right::deployment_read}}), {}};
  const auto list = world.engine.deployments(scope, world.go);
  ASSERT_TRUE(list);
  ASSERT_EQ(list->deployments.size(), 3u);
  EXPECT_FALSE(list->deployments[0].whole || list->deployments[0].logs) << "a part of the bank";
  EXPECT_TRUE(list->deployments[1].whole && !list->deployments[1].logs) << "nothing is there";
  EXPECT_TRUE(list->deployments[2].whole && list->deployments[2].logs) << "the shop";
}

TEST(DeploymentList, WithoutTheStoreIsWhatTheJournalHasAndWhatWasCountedLast) {
  World world;
  world.ingest({log_row("a", 0, "shop")});
  world.flush();
  EXPECT_EQ(names(world), (std::vector<std::string>{"shop"}));
  world.store.set_away(true);
  world.ingest({log_row("b", 0, "bank")});
  const auto list = world.engine.deployments(Scope::everything(), world.go);
  ASSERT_TRUE(list);
  EXPECT_TRUE(list->stats.partial);
  EXPECT_EQ(names(world), (std::vector<std::string>{"bank", "shop"}));
}

}  // namespace
}  // namespace penstock::query::test
