#include "query/scope.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace penstock::query {

Scope Scope::everything() { return {.grants = std::make_shared<const Grants>(Grants::everything())}; }

Scope Scope::of(const std::vector<std::string>& deployments) {
  std::vector<Grant> grants;
  for (const std::string& name : deployments) grants.push_back({.all_deployments = false, .deployment = name, .rights = kDeploymentRights});
  return {.grants = std::make_shared<const Grants>(std::move(grants))};
}

bool Scope::reads_everything() const {
  const auto everywhere = [this](Right right) {
    const Reach reach = grants->reach(right);
    return reach.everywhere() && !reach.narrowed();
  };
  if (!everywhere(Right::logs_read) || !everywhere(Right::metrics_read)) return false;
  if (declared == nullptr || !declared->declares_any()) return true;
  const auto& list = grants->list();
  return std::any_of(list.begin(), list.end(), [](const Grant& grant) {
    return grant.all_deployments && grant.rights.has(Right::custom_metrics_read) && grant.sources.empty() && grant.custom_metrics.empty();
  });
}

bool Deployments::contains(std::string_view deployment) const {
  return all || std::binary_search(names.begin(), names.end(), deployment);
}

namespace {

Deployments cut_down(Reach reach, const std::vector<std::string>& asked) {
  Deployments out;
  out.reach = std::move(reach);
  out.narrowed = out.reach.narrowed();
  out.all = out.reach.everywhere() && asked.empty();
  if (out.all) return out;
  if (asked.empty()) {
    out.names = out.reach.deployments();
  } else {
    std::copy_if(asked.begin(), asked.end(), std::back_inserter(out.names), [&](const auto& name) { return !out.reach.in(name).is_none(); });
  }
  std::sort(out.names.begin(), out.names.end());
  out.names.erase(std::unique(out.names.begin(), out.names.end()), out.names.end());
  return out;
}

}  // namespace

Deployments resolve_deployments(const Scope& scope, Right right, const std::vector<std::string>& asked) {
  return cut_down(scope.grants->reach(right), asked);
}

MetricDeployments resolve_metrics(const Scope& scope, const std::vector<std::string>& asked) {
  const Reach either = scope.grants->reach_of_any(Rights(Right::metrics_read) | Right::custom_metrics_read);
  MetricDeployments out{cut_down(either, asked), scope.grants, scope.declared};
  out.narrowed = out.narrowed || (out.declared && out.declared->declares_any()) || !(either == scope.grants->reach(Right::metrics_read));
  return out;
}

bool MetricDeployments::covers_series(std::string_view deployment, std::string_view source, std::string_view name) const {
  if (!narrowed) return true;
  const bool custom = this->declaration(deployment, name) != nullptr;
  return grants->may(custom ? Right::custom_metrics_read : Right::metrics_read, {deployment, source, name});
}

}  // namespace penstock::query
