// Who asks, and what they may read. Every query takes a Scope and applies it inside the query, so that answers, counts, facets
// and cursors cannot tell whether another deployment exists.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "penstock/core/grants.hpp"
#include "penstock/core/metric_declarations.hpp"

namespace penstock::query {

struct Scope {
  // Never null. What kind of query it is decides which of their rights counts.
  std::shared_ptr<const Grants> grants = std::make_shared<const Grants>();
  std::string caller = {};  // among whom places for queries are shared out
  std::shared_ptr<const MetricDeclarations> declared = {};  // null: none are

  // Whether these may read all logs and all metrics, those that are declared included.
  bool reads_everything() const;

  // All that deployments hold, those yet to come included; or of some of them.
  static Scope everything();
  static Scope of(const std::vector<std::string>& deployments);
};

// The deployments a query may touch: what was asked for (empty: no wish), cut down to where the right holds. Sorted, unique.
struct Deployments {
  bool all = false;
  std::vector<std::string> names;  // when not all; empty means: nothing can match
  Reach reach;                     // which of their sources, where those are narrowed
  bool narrowed = false;

  bool none() const { return !all && names.empty(); }
  bool contains(std::string_view deployment) const;
  // One of them.
  Deployments only(std::string deployment) const { return {false, {std::move(deployment)}, reach, narrowed}; }
  // Whether it may touch what a source of one of them sent.
  bool covers(std::string_view deployment, std::string_view source) const { return !narrowed || reach.in(deployment).covers(source); }
};
Deployments resolve_deployments(const Scope& scope, Right right, const std::vector<std::string>& asked);

// The same for metrics, where it matters which are declared.
struct MetricDeployments : Deployments {
  std::shared_ptr<const Grants> grants;
  std::shared_ptr<const MetricDeclarations> declared;

  // Of a deployment that these contain.
  bool covers_series(std::string_view deployment, std::string_view source, std::string_view name) const;
  // What is declared of it; null: nothing.
  const MetricDeclaration* declaration(std::string_view deployment, std::string_view name) const { return declared ? declared->find(deployment, name) : nullptr; }
};
MetricDeployments resolve_metrics(const Scope& scope, const std::vector<std::string>& asked);

}  // namespace penstock::query
