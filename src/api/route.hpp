// One table lists every route with the right it needs; a request that matches no entry is not served.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.hpp"
#include "penstock/core/deployment_rules.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/authenticator.hpp"

namespace penstock::api {

// Where a request names the deployments that it is about.
enum class Place {
  none,      // it is about none, or its endpoint shows what the caller may see
  query,     // parameters `deployment`; without one it is about all in which the caller holds the right
  path,      // the first {…} of the pattern
  records,   // each record's own
  instance,  // about all there is
};

// What a route asks of its caller, and about which deployments. A route must say so: what is made without saying anything is not taken.
class Access {
 public:
  enum class Who { unsaid, open, known, granted };

  Access() = default;
  static constexpr Access open() { return {Who::open, {}, Place::none}; }    // no credentials are needed
  static constexpr Access known() { return {Who::known, {}, Place::none}; }  // any that are valid will do
  // One of these rights, in each deployment that the request names.
  static constexpr Access to(Rights any_of, Place place) { return {Who::granted, any_of, place}; }
  static constexpr Access admin() { return to(Right::admin, Place::instance); }

  constexpr Who who() const { return who_; }
  constexpr Rights any_of() const { return any_of_; }
  constexpr Place place() const { return place_; }
  // "open", "known", "logs:read", "logs:read or metrics:read": as the list of routes and the documentation name them.
  std::string text() const;

 private:
  constexpr Access(Who who, Rights any_of, Place place) : who_(who), any_of_(any_of), place_(place) {}
  Who who_ = Who::unsaid;
  Rights any_of_;
  Place place_ = Place::none;
};

std::string_view place_name(Place place);
// By which Place::query names deployments; repeatable.
inline constexpr std::string_view kDeploymentParameter = "deployment";

// A request whose route and principal are known.
struct Call {
  PrincipalPtr principal = stranger();      // never null; of open routes a stranger, unless valid credentials came along
  Authenticator* authenticator = nullptr;   // who told
  std::shared_ptr<const DeploymentRules> rules = {};  // in force when it was taken up; null: nothing is set
  std::vector<std::string> arguments = {};  // what stood for each {…} of the pattern, decoded

  bool known() const { return principal->kind != PrincipalKind::stranger; }
  // Whether the caller would still be known and may still do as much: for answers that take long. Any thread.
  bool still_valid() const { return authenticator == nullptr || authenticator->still_valid(*principal); }
};

using RequestPtr = std::shared_ptr<http::Request>;
using CallPtr = std::shared_ptr<const Call>;
// Runs on the connection's io thread; must not block.
using Endpoint = std::function<boost::asio::awaitable<http::Response>(RequestPtr, CallPtr)>;

struct Route {
  std::string method;
  std::string pattern;  // "/logs/{deployment}": a {…} matches one segment
  Access access = {};
  std::size_t max_body = 0;
  Endpoint endpoint;
  bool operations_critical = false;              // answered though the byte budget is spent
  bool token_in_query = false;                   // ?token=… is taken too, for senders that cannot set a header
  bool body_optional = false;                    // a POST without a length is one without a body
  // Adds headers to every answer, refusals too.
  std::function<void(const http::RequestHead&, std::vector<std::pair<std::string, std::string>>&)> headers = {};
  std::function<Result<void>()> admission = {};  // may refuse before the body is read; must not block
};

// Whether a request may be taken up, by its head alone. Its answer depends on the caller's grants and on what was asked for, never on what is there.
// unauthorized, or forbidden with the right and the deployment where it is missing.
Result<void> check_access(const Route& route, const Principal& principal, const http::RequestHead& head, const std::vector<std::string>& arguments);

// Immutable after the last add(). Thread-safe then.
class RouteTable {
 public:
  // std::logic_error for a route that does not say what it asks of its caller, or says what makes no sense, and for one that is there already.
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  // null: see allowed_methods
    std::vector<std::string> arguments;
    std::vector<std::string> allowed_methods;  // of routes with that path; empty: no such path
  };
  Match find(std::string_view method, std::string_view path) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace penstock::api
