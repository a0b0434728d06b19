// Who asks, and what they may read. Every query takes a Scope and applies it inside the query, so that answers, counts, facets
// and cursors cannot tell whether another deployment exists.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock::query {

struct Scope {
  bool all = false;                      // every deployment, those yet to come included
  std::vector<std::string> deployments;  // when not all
  std::string caller = {};               // among whom places for queries are shared out

  static Scope everything() { return {true, {}, {}}; }
  static Scope of(std::vector<std::string> names) { return {false, std::move(names), {}}; }

  bool allows(std::string_view deployment) const;
};

// The deployments a query may touch: what was asked for (empty: no wish), cut down to the scope. Sorted, unique.
struct Deployments {
  bool all = false;
  std::vector<std::string> names;  // when not all; empty means: nothing can match

  bool none() const { return !all && names.empty(); }
  bool contains(std::string_view deployment) const;
};
Deployments resolve_deployments(const Scope& scope, const std::vector<std::string>& asked);

}  // namespace penstock::query
