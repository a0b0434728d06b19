// Who may do what, generated: every documented route × every kind of principal × deployments that are theirs, another's, and none at all, both ways. What
// docs/http-api.md says of a route is what is expected (an integration test holds it against the running server's routes).
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/answers.hpp"
#include "api/api.hpp"
#include "metrics/registry.hpp"

namespace penstock::api {
namespace {

struct Documented {
  std::string method, path, right, place;
};

std::vector<Documented> documented_routes() {
  std::ifstream in(std::string(PENSTOCK_SOURCE_DIR) + "/docs/http-api.md");
  const std::regex row(R"(^\| ([A-Z]+) \| `([^`]+)` \| ([\w:, ]+) \| (\w+) \| .+ \|$)");
  std::vector<Documented> routes;
  std::smatch found;
  for (std::string line; std::getline(in, line);) {
    if (std::regex_match(line, found, row)) routes.push_back({found[1], found[2], found[3], found[4]});
  }
  return routes;
}

std::vector<std::string> alternatives(const std::string& right) {
  std::vector<std::string> names;
  const std::string separator = " or ";
  for (std::size_t at = 0;;) {
    const std::size_t end = right.find(separator, at);
    names.push_back(right.substr(at, end - at));
    if (end == std::string::npos) return names;
    at = end + separator.size();
  }
}

Access access_of(const Documented& route) {
  if (route.right == "open") return Access::open();
  if (route.right == "known") return Access::known();
  const std::map<std::string, Place> places = {
      {"none", Place::none}, {"query", Place::query}, {"path", Place::path}, {"records", Place::records}, {"instance", Place::instance}};
  return Access::to(parse_rights(alternatives(route.right)).value(), places.at(route.place));
}

// Somebody, and in plain words what they hold: pairs of a right and a deployment, "*" for all.
struct Somebody {
  std::string name;
  std::vector<Grant> grants;
  std::set<std::pair<std::string, std::string>> holds;
};

constexpr const char* kRights[] = {"deployment:read", "metrics:read", "logs:read", "logs:delete", "custom_metrics:read", "ingest:logs", "ingest:metrics"};

Somebody with(std::string name, const std::vector<std::string>& rights, const std::string& deployment, std::vector<std::string> sources = {}) {
  Somebody somebody{std::move(name), {}, {}};
  const bool all = deployment == "*";
  somebody.grants.push_back({.all_deployments = all, .deployment = all ? "" : deployment, .rights = parse_rights(rights).value(), .sources = std::move(sources)});
  for (const std::string& right : rights) somebody.holds.emplace(right, deployment);
  return somebody;
}

std::vector<Somebody> everybody() {
  std::vector<Somebody> all;
  for (const char* right : kRights) {
    for (const char* deployment : {"shop", "bank", "*"}) all.push_back(with(std::string(right) + "@" + deployment, {right}, deployment));
    all.push_back(with(std::string(right) + "@shop/web-*", {right}, "shop", {"web-*"}));
  }
  all.push_back(with("admin", {"admin"}, "*"));
  all.push_back(with("auditor", {"audit:read"}, "*"));
  all.push_back(with("viewer of the shop", {"deployment:read", "metrics:read", "logs:read", "custom_metrics:read"}, "shop"));
  all.push_back(with("operator of the shop", {"deployment:read", "metrics:read", "logs:read", "logs:delete", "custom_metrics:read", "ingest:logs", "ingest:metrics"}, "shop"));
  all.push_back(with("agent", {"ingest:logs", "ingest:metrics"}, "*"));
  all.push_back({"nothing", {}, {}});
  Somebody mixed = with("reads the shop, deletes in the bank", {"logs:read"}, "shop");
  const Somebody bank = with("", {"logs:delete"}, "bank");
  mixed.grants.push_back(bank.grants.front());
  mixed.holds.insert(bank.holds.begin(), bank.holds.end());
  all.push_back(std::move(mixed));
  Somebody everything{"everything", Grants::everything().list(), {{"admin", "*"}, {"audit:read", "*"}}};
  for (const char* right : kRights) everything.holds.emplace(right, "*");
  all.push_back(std::move(everything));
  return all;
}

// Knows everybody by their names; those that are "kept" only after it asked the store.
class Everybody final : public Authenticator {
 public:
  explicit Everybody(const std::vector<Somebody>& all) {
    for (const Somebody& one : all) known_["Bearer " + one.name] = std::make_shared<const Principal>(Principal{.kind = PrincipalKind::token, .name = one.name, .grants = Grants(one.grants)});
  }
  std::optional<Identity> authenticate(const Credentials& credentials) override {
    if (ask_store) return std::nullopt;
    return tell(credentials);
  }
  void look_up(const Credentials& credentials, std::function<void(Identity)> done) override { done(tell(credentials)); }
  bool still_valid(const Principal&) override { return true; }

  bool ask_store = false;

 private:
  Identity tell(const Credentials& credentials) const {
    const auto found = known_.find(std::string(credentials.authorization));
    if (found == known_.end()) return Error{ErrorCode::unauthorized, "Give a valid token.", ""};
    return found->second;
  }
  std::map<std::string, PrincipalPtr> known_;
};

bool holds(const Somebody& somebody, const std::vector<std::string>& rights, const std::string& deployment) {
  for (const std::string& right : rights) {
    if (somebody.holds.contains({right, "*"}) || somebody.holds.contains({right, deployment})) return true;
  }
  return false;
}

bool holds_somewhere(const Somebody& somebody, const std::vector<std::string>& rights) {
  for (const auto& [right, deployment] : somebody.holds) {
    for (const std::string& one : rights) {
      if (one == right) return true;
    }
  }
  return false;
}

struct Fixture {
  std::vector<Documented> documented = documented_routes();
  std::vector<Somebody> people = everybody();
  Everybody authenticator{people};
  metrics::Registry metrics;
  Api api{table(), nullptr, authenticator, metrics};

  RouteTable table() const {
    RouteTable routes;
    for (const Documented& one : documented) {
      routes.add({one.method, one.path, access_of(one), 0, [](RequestPtr, CallPtr) { return ready(http::Response()); }});
    }
    return routes;
  }

  // The status of a refusal, or 200; the refusal's body.
  std::pair<int, std::string> ask(const std::string& method, const std::string& target, const std::string& authorization) {
    http::RequestHead head;
    head.method = method;
    EXPECT_TRUE(head.set_target(target)) << target;
    if (!authorization.empty()) head.add_header("Authorization", authorization);
    http::Admission admission = api.admit(head);
    if (admission.later) {
      boost::asio::io_context io;
      boost::asio::co_spawn(io, admission.later(), [&admission](std::exception_ptr, http::Admission told) { admission = std::move(told); });
      io.run();
    }
    if (!admission.refuse) return {admission.context ? 200 : 0, {}};
    return {admission.refuse->status, admission.refuse->body};
  }
};

std::string target_of(const Documented& route, const std::vector<std::string>& deployments) {
  std::string path = std::regex_replace(route.path, std::regex(R"(\{[^}]+\})"), deployments.empty() ? "shop" : deployments.front());
  if (route.place == "path") return path;
  for (std::size_t i = 0; i < deployments.size(); ++i) path += (i == 0 ? "?deployment=" : "&deployment=") + deployments[i];
  return path;
}

int expected(const Documented& route, const Somebody& somebody, const std::vector<std::string>& deployments) {
  if (route.right == "open" || route.right == "known") return 200;
  const std::vector<std::string> rights = alternatives(route.right);
  if (!holds_somewhere(somebody, rights)) return 403;
  if (route.place == "path") return holds(somebody, rights, deployments.empty() ? "shop" : deployments.front()) ? 200 : 403;
  if (route.place != "query") return 200;
  for (const std::string& deployment : deployments) {
    if (!holds(somebody, rights, deployment)) return 403;
  }
  return 200;
}

const std::vector<std::vector<std::string>> kAsked = {{}, {"shop"}, {"bank"}, {"shop", "bank"}, {"not-there"}};

TEST(Access, EveryRouteTakesThoseWhoHoldItsRightThereAndNobodyElse) {
  Fixture world;
  ASSERT_GT(world.documented.size(), 25u);
  int cases = 0;
  for (const bool ask_store : {false, true}) {
    world.authenticator.ask_store = ask_store;
    for (const Documented& route : world.documented) {
      for (const Somebody& somebody : world.people) {
        // What is open must not wait for the store: a stranger is served there.
        for (const auto& deployments : kAsked) {
          const auto [status, body] = world.ask(route.method, target_of(route, deployments), "Bearer " + somebody.name);
          EXPECT_EQ(status, expected(route, somebody, deployments)) << route.method << ' ' << target_of(route, deployments) << " as " << somebody.name << ": " << body;
          ++cases;
        }
      }
    }
  }
  EXPECT_GT(cases, 5000);
}

TEST(Access, StrangersAreServedWhatIsOpenAndNothingElse) {
  Fixture world;
  for (const Documented& route : world.documented) {
    for (const char* authorization : {"", "Bearer nobody", "Basic !", "Bearer ", "nonsense"}) {
      for (const auto& deployments : kAsked) {
        EXPECT_EQ(world.ask(route.method, target_of(route, deployments), authorization).first, route.right == "open" ? 200 : 401) << route.method << ' ' << route.path;
      }
    }
  }
}

TEST(Access, ARefusalDoesNotTellWhetherADeploymentIsThere) {
  Fixture world;
  for (const Documented& route : world.documented) {
    if (route.place != "query" && route.place != "path") continue;
    for (const Somebody& somebody : world.people) {
      const auto there = world.ask(route.method, target_of(route, {"farm"}), "Bearer " + somebody.name);
      const auto not_there = world.ask(route.method, target_of(route, {"none"}), "Bearer " + somebody.name);
      EXPECT_EQ(there.first, not_there.first);
      EXPECT_EQ(std::regex_replace(there.second, std::regex("farm"), "none"), not_there.second);
    }
  }
}

TEST(Access, OtherMethodsAreRefusedToAll) {
  Fixture world;
  // "/x/{id}" is served at "/x/replay" too.
  const auto served = [&world](const std::string& method, const std::string& path) {
    for (const Documented& route : world.documented) {
      if (route.method == method && std::regex_match(path, std::regex(std::regex_replace(route.path, std::regex(R"(\{[^}]+\})"), "[^/]+")))) return true;
    }
    return false;
  };
  for (const Documented& route : world.documented) {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}) {
      if (served(method, target_of(route, {}))) continue;
      for (const char* authorization : {"", "Bearer everything"}) {
        EXPECT_EQ(world.ask(method, target_of(route, {}), authorization).first, 405) << method << ' ' << route.path;
      }
    }
  }
}

}  // namespace
}  // namespace penstock::api
