#include "query/scope.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace penstock::query {

Scope Scope::everything() { return {std::make_shared<const Grants>(Grants::everything()), {}}; }

Scope Scope::of(const std::vector<std::string>& deployments) {
  std::vector<Grant> grants;
  for (const std::string& name : deployments) grants.push_back({.all_deployments = false, .deployment = name, .rights = kDeploymentRights});
  return {std::make_shared<const Grants>(std::move(grants)), {}};
}

bool Deployments::contains(std::string_view deployment) const {
  return all || std::binary_search(names.begin(), names.end(), deployment);
}

Deployments resolve_deployments(const Scope& scope, Right right, const std::vector<std::string>& asked) {
  Deployments out;
  out.reach = scope.grants->reach(right);
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

}  // namespace penstock::query
