#include "query/scope.hpp"

#include <algorithm>
#include <iterator>

namespace penstock::query {

bool Scope::allows(std::string_view deployment) const {
  return all || std::find(deployments.begin(), deployments.end(), deployment) != deployments.end();
}

bool Deployments::contains(std::string_view deployment) const {
  return all || std::binary_search(names.begin(), names.end(), deployment);
}

Deployments resolve_deployments(const Scope& scope, const std::vector<std::string>& asked) {
  if (scope.all && asked.empty()) return {true, {}};
  Deployments out;
  if (asked.empty()) {
    out.names = scope.deployments;
  } else {
    std::copy_if(asked.begin(), asked.end(), std::back_inserter(out.names),
                 [&](const auto& name) { return scope.allows(name); });
  }
  std::sort(out.names.begin(), out.names.end());
  out.names.erase(std::unique(out.names.begin(), out.names.end()), out.names.end());
  return out;
}

}  // namespace penstock::query
