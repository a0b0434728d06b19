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
  table.add({"GET", "/api/v1/logs", Access::to(Right::logs_read, Place::query), 0, nothing()});
  table.add({"POST", "/api/v1/logs", Access::to(Right::ingest_logs, Place::records), 100, nothing()});
  table.add({"GET", "/logs/{deployment}", Access::to(Right::logs_read, Place::path), 0, nothing()});
  return table;
}

TEST(RouteTable, FindsAPathByItsMethod) {
  const RouteTable table = small_table();
  ASSERT_NE(table.find("POST", "/api/v1/logs").route, nullptr);
  EXPECT_EQ(table.find("POST", "/api/v1/logs").route->access.any_of(), Rights(Right::ingest_logs));
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
  EXPECT_THROW(table.add({"GET", "/a", Access::to(Right::logs_read, Place::query), 0, nullptr}), std::logic_error);
  EXPECT_THROW(table.add({"GET", "a", Access::to(Right::logs_read, Place::query), 0, nothing()}), std::logic_error);
}

TEST(RouteTable, ARouteThatSaysNotWhichRightItNeedsDoesNotStart) {
  RouteTable table;
  Route silent;
  silent.method = "GET";
  silent.pattern = "/a";
  silent.endpoint = nothing();
  EXPECT_THROW(table.add(std::move(silent)), std::logic_error);
  EXPECT_THROW(table.add({"GET", "/a", Access(), 0, nothing()}), std::logic_error);
  EXPECT_THROW(table.add({"GET", "/a", Access::to({}, Place::query), 0, nothing()}), std::logic_error);
}

TEST(RouteTable, ARightAndThePlaceOfItsDeploymentsFitTogether) {
  RouteTable table;
  EXPECT_THROW(table.add({"GET", "/a", Access::to(Right::logs_read, Place::path), 0, nothing()}), std::logic_error);
  EXPECT_THROW(table.add({"GET", "/a", Access::to(Right::logs_read, Place::instance), 0, nothing()}), std::logic_error);
  EXPECT_THROW(table.add({"GET", "/a", Access::to(Right::admin, Place::query), 0, nothing()}), std::logic_error);
  table.add({"GET", "/a", Access::admin(), 0, nothing()});
}

TEST(RouteTable, TheSameRouteIsNotTakenTwice) {
  RouteTable table = small_table();
  EXPECT_THROW(table.add({"GET", "/api/v1/logs", Access::admin(), 0, nothing()}), std::logic_error);
}

}  // namespace
}  // namespace penstock::api
