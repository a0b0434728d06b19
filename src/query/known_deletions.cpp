#include "query/known_deletions.hpp"

namespace penstock::query {

void KnownDeletions::add(const Deletion& deletion) {
  std::lock_guard lock(mutex_);
  by_id_.insert_or_assign(deletion.id, deletion);
  if (by_id_.size() > kMax) by_id_.erase(by_id_.begin());
}

std::vector<Deletion> KnownDeletions::of(const Deployments& deployments) const {
  std::lock_guard lock(mutex_);
  std::vector<Deletion> found;
  for (const auto& [id, deletion] : by_id_) {
    if (deployments.contains(deletion.deployment)) found.push_back(deletion);
  }
  return found;
}

}  // namespace penstock::query
