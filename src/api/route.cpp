#include "api/route.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace penstock::api {
namespace {

// Takes the next segment off `path`, which begins with '/'. False at the end.
bool next_segment(std::string_view& path, std::string_view& segment) {
  if (path.empty()) return false;
  path.remove_prefix(1);
  const std::size_t end = std::min(path.find('/'), path.size());
  segment = path.substr(0, end);
  path.remove_prefix(end);
  return true;
}

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& arguments) {
  arguments.clear();
  std::string_view wanted, given;
  for (;;) {
    const bool more_wanted = next_segment(pattern, wanted);
    const bool more_given = next_segment(path, given);
    if (more_wanted != more_given) return false;
    if (!more_wanted) return true;
    if (wanted.starts_with('{')) {
      if (given.empty()) return false;
      arguments.emplace_back(given);
    } else if (wanted != given) {
      return false;
    }
  }
}

}  // namespace

std::string Access::text() const {
  switch (who_) {
    case Who::unsaid: break;
    case Who::open: return "open";
    case Who::known: return "known";
    case Who::granted: {
      std::string all;
      for (const std::string_view name : right_names(any_of_)) all += (all.empty() ? "" : " or ") + std::string(name);
      return all;
    }
  }
  return {};
}

std::string_view place_name(Place place) {
  switch (place) {
    case Place::none: return "none";
    case Place::query: return "query";
    case Place::path: return "path";
    case Place::records: return "records";
    case Place::instance: return "instance";
  }
  return {};
}

Result<void> check_access(const Route& route, const Principal& principal, const http::RequestHead& head, const std::vector<std::string>& arguments) {
  const Access& access = route.access;
  if (access.who() == Access::Who::open) return {};
  if (principal.kind == PrincipalKind::stranger) return Error{ErrorCode::unauthorized, "Give a valid token: Authorization: Bearer TOKEN.", ""};
  if (access.who() == Access::Who::known) return {};
  const auto missing = [&access](const std::string& where) {
    return Error{ErrorCode::forbidden, "This needs the right " + access.text() + where + ", which these credentials do not have.", ""};
  };
  if (!principal.grants.may_somewhere(access.any_of())) return missing("");
  const auto check_one = [&](std::string_view deployment) -> Result<void> {
    if (principal.grants.may_any(access.any_of(), {deployment})) return {};
    return missing(" in the deployment \"" + std::string(deployment) + '"');
  };
  if (access.place() == Place::path) return check_one(arguments.at(0));
  if (access.place() == Place::query) {
    for (const std::string_view deployment : head.query_values(kDeploymentParameter)) {
      if (deployment.empty()) continue;  // the endpoint says what is wrong with it
      if (auto held = check_one(deployment); !held) return held;
    }
  }
  return {};
}

namespace {

// What is wrong with what a route says of its caller; empty: nothing.
std::string fault_of(const Route& route) {
  const Access& access = route.access;
  if (access.who() == Access::Who::unsaid) return "a route must say which right it needs";
  if (access.who() != Access::Who::granted) return {};
  if (access.any_of().empty()) return "a route must say which right it needs";
  const bool of_instance = access.any_of().has_any(kInstanceRights);
  if (of_instance != (access.place() == Place::instance)) return "rights of the instance are asked of routes about the instance, and of no others";
  if (access.place() == Place::path && route.pattern.find('{') == std::string::npos) return "the route's pattern holds no deployment";
  return {};
}

}  // namespace

void RouteTable::add(Route route) {
  const std::string what = route.method + ' ' + route.pattern;
  if (!route.endpoint || !route.pattern.starts_with('/')) {
    throw std::logic_error("a route needs an endpoint and a pattern that begins with a slash: " + what);
  }
  if (const std::string fault = fault_of(route); !fault.empty()) throw std::logic_error(fault + ": " + what);
  for (const Route& other : routes_) {
    if (other.method == route.method && other.pattern == route.pattern) throw std::logic_error("this route is there already: " + what);
  }
  routes_.push_back(std::move(route));
}

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
  Match match;
  std::vector<std::string> arguments;
  for (const Route& route : routes_) {
    if (!matches(route.pattern, path, arguments)) continue;
    if (route.method == method) {
      match.route = &route;
      match.arguments = std::move(arguments);
      return match;
    }
    if (std::find(match.allowed_methods.begin(), match.allowed_methods.end(), route.method) ==
        match.allowed_methods.end()) {
      match.allowed_methods.push_back(route.method);
      if (route.method == "GET") match.allowed_methods.emplace_back("HEAD");  // the HTTP room answers it as a GET
    }
  }
  return match;
}

}  // namespace penstock::api
