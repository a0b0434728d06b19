#include "query/known_deletions.hpp"

namespace penstock::query {

namespace {

bool is_same(const Deletion& a, const Deletion& b) {
  return a.id == b.id && a.deployment == b.deployment && a.from == b.from && a.to == b.to && a.filter_json == b.filter_json &&
         a.journal == b.journal && a.before == b.before && a.created_at == b.created_at;
}

}  // namespace

Result<DeletionFilter> KnownDeletions::add(const Deletion& deletion) {
  {
    std::lock_guard lock(mutex_);
    const auto found = by_id_.find(deletion.id);
    if (found != by_id_.end() && is_same(found->second.deletion(), deletion)) return found->second;
  }
  auto filter = DeletionFilter::compile(deletion);
  if (!filter) return filter;
  std::lock_guard lock(mutex_);
  by_id_.insert_or_assign(deletion.id, *filter);
  if (by_id_.size() > kMax) by_id_.erase(by_id_.begin());
  return filter;
}

std::vector<DeletionFilter> KnownDeletions::of(const Deployments& deployments) const {
  std::lock_guard lock(mutex_);
  std::vector<DeletionFilter> found;
  for (const auto& [id, filter] : by_id_) {
    if (deployments.contains(filter.deletion().deployment)) found.push_back(filter);
  }
  return found;
}

}  // namespace penstock::query
