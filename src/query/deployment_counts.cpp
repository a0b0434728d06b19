#include "query/deployment_counts.hpp"

#include <algorithm>

namespace penstock::query {
namespace {

constexpr std::chrono::seconds kEvery{2};
constexpr int kRest = 20;  // … and so many times as long as counting took: of a large store it costs a twentieth of a connection at most
constexpr std::chrono::minutes kRemembered{5};  // far longer than the store takes to commit

}  // namespace

Result<void> DeploymentCounts::count(StoreSnapshot& snapshot, Time now) {
  {
    std::lock_guard lock(mutex_);
    if (counting_ || now < next_) return {};
    counting_ = true;
  }
  const auto begun = std::chrono::steady_clock::now();
  std::map<std::string, DeploymentList::Deployment, std::less<>> found;
  auto counted = snapshot.stored([&](const StoredAmount& amount) {
    auto& deployment = found[amount.deployment];
    deployment.name = amount.deployment;
    (amount.kind == RecordKind::log ? deployment.logs : deployment.metrics) = amount;
  });
  std::lock_guard lock(mutex_);
  counting_ = false;
  if (!counted) return counted;
  stored_ = std::move(found);
  next_ = now + std::max<Time::duration>(kEvery, kRest * (std::chrono::steady_clock::now() - begun));
  std::erase_if(seen_, [&](const auto& seen) { return now - seen.second > kRemembered; });
  return {};
}

void DeploymentCounts::seen(std::string_view deployment, Time now) {
  std::lock_guard lock(mutex_);
  const auto known = seen_.find(deployment);
  if (known != seen_.end()) {
    known->second = now;
  } else {
    seen_.emplace(std::string(deployment), now);
  }
}

std::vector<DeploymentList::Deployment> DeploymentCounts::list() const {
  std::lock_guard lock(mutex_);
  auto all = stored_;
  for (const auto& [name, time] : seen_) all.try_emplace(name, DeploymentList::Deployment{name, {}, {}});
  std::vector<DeploymentList::Deployment> listed;
  listed.reserve(all.size());
  for (auto& [name, deployment] : all) listed.push_back(std::move(deployment));
  return listed;
}

std::optional<DeploymentList::Deployment> DeploymentCounts::of(std::string_view deployment) const {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find(deployment);
  if (found == stored_.end()) return std::nullopt;
  return found->second;
}

}  // namespace penstock::query
