#include "api/route.hpp"

#include <gmock/gmock.h>

#include "api/answers.hpp"

namespace penstock::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Endpoint nothing() {
  return [](RequestPtr, CallPtr) { return ready(http::Response()); };
}

RouteTable small_table() {
  RouteTable table;
  table.add({"GET", "/api/v1/logs", Right::read, 0, nothing()});
  table.add({"POST", "/api/v1/logs", Right::ingest, 100, nothing()});
  table.add({"GET", "/logs/{deployment}", Right::read, 0, nothing()});
  return table;
}

TEST(RouteTable, FindsAPathByItsMethod) {
  const RouteTable table = small_table();
  ASSERT_NE(table.find("POST", "/api/v1/logs").route, nullptr);
  EXPECT_EQ(table.find("POST", "/api/v1/logs").route->right, Right::ingest);
}

TEST(RouteTable, NamesTheMethodsOfAPathItKnows) {
  const RouteTable table = small_table();
  const auto match = table.find("PUT", "/api/v1/logs");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_THAT(match.allowed_methods, ElementsAre("GET", "HEAD", "POST"));
}

TEST(RouteTable, GivesWhatStoodForABrace) {
  const RouteTable table = small_table();
  EXPECT_THAT(table.find("GET", "/logs/shop").arguments, ElementsAre("shop"));
}

TEST(RouteTable, ABraceIsOneSegmentAndNotEmpty) {
  const RouteTable table = small_table();
  for (const char* path : {"/logs", "/logs/", "/logs/a/b", "/log/a", "/", ""}) {
    const auto match = table.find("GET", path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_THAT(match.allowed_methods, IsEmpty()) << path;
  }
}

TEST(RouteTable, DoesNotTakeARouteWithoutAnEndpoint) {
  RouteTable table;
  EXPECT_THROW(table.add({"GET", "/a", Right::read, 0, nullptr}), std::logic_error);
  EXPECT_THROW(table.add({"GET", "a", Right::read, 0, nothing()}), std::logic_error);
}

TEST(Rights, AnAgentMaySendAndNothingElse) {
  Principal agent;
  agent.may_read = false;
  EXPECT_TRUE(allows(agent, Right::ingest));
  EXPECT_TRUE(allows(agent, Right::known));
  EXPECT_FALSE(allows(agent, Right::read));
  EXPECT_FALSE(allows(agent, Right::remove));
  EXPECT_FALSE(allows(agent, Right::admin));
}

TEST(Rights, TheAdministratorMayDoEverything) {
  Principal admin;
  admin.admin = true;
  for (const Right right : {Right::open, Right::known, Right::read, Right::ingest, Right::remove, Right::admin}) {
    EXPECT_TRUE(allows(admin, right));
  }
}

}  // namespace
}  // namespace penstock::api
