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

std::string_view right_name(Right right) {
  switch (right) {
    case Right::open: return "open";
    case Right::known: return "known";
    case Right::read: return "read";
    case Right::ingest: return "ingest";
    case Right::remove: return "remove";
    case Right::admin: return "admin";
  }
  return "";
}

bool allows(const Principal& principal, Right right) {
  switch (right) {
    case Right::open:
    case Right::known:
      return true;
    case Right::read:
      return principal.admin || principal.may_read;
    case Right::ingest:
      return principal.admin || principal.may_ingest;
    case Right::remove:
    case Right::admin:
      return principal.admin;
  }
  return false;
}

void RouteTable::add(Route route) {
  if (!route.endpoint || !route.pattern.starts_with('/')) {
    throw std::logic_error("a route needs an endpoint and a pattern that begins with a slash: " + route.pattern);
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
