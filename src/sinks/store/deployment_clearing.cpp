#include "sinks/store/deployment_clearing.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace penstock::sinks {
namespace {

constexpr std::chrono::seconds kLookEvery{2};

}  // namespace

// Under the mutex all the while: the sink asks due() before it takes a frame, so it has taken none that lies behind the end that is read here.
Result<std::int64_t> DeploymentClearing::ask(const std::string& deployment, const AuditEntry& entry) {
  const std::lock_guard lock(mutex_);
  const Sequence end = journal_.durable_end();
  auto id = removals_.ask(deployment, entry.at, JournalEnd{journal_.id(), end}, entry);
  if (id) {
    open_.push_back({*id, deployment, end});
  } else {
    doubtful_ = std::min(end, doubtful_.value_or(end));
  }
  return id;
}

Result<void> DeploymentClearing::look() {
  const std::lock_guard lock(mutex_);
  looked_ = clock_.steady_now();
  auto open = removals_.open_for({journal_.id(), journal_.durable_end()});
  if (!open) return open.error();
  open_ = std::move(*open);
  doubtful_.reset();
  return {};
}

bool DeploymentClearing::due(Sequence next) {
  if (clock_.steady_now() - looked_ >= kLookEvery) (void)look();
  const std::lock_guard lock(mutex_);
  return (doubtful_ && *doubtful_ <= next) || std::any_of(open_.begin(), open_.end(), [next](const auto& removal) { return removal.before <= next; });
}

Result<bool> DeploymentClearing::carry_out(Sequence next) {
  bool doubtful = false;
  {
    const std::lock_guard lock(mutex_);
    doubtful = doubtful_.has_value();
  }
  if (doubtful) {
    if (auto looked = look(); !looked) return looked.error();
  }
  bool any = false;
  for (;;) {
    std::optional<DeploymentRemoval> removal;
    {
      const std::lock_guard lock(mutex_);
      const auto found = std::find_if(open_.begin(), open_.end(), [next](const auto& one) { return one.before <= next; });
      if (found != open_.end()) removal = *found;
    }
    if (!removal) return any;
    any = true;
    if (first_) {
      if (auto done = first_(*removal); !done) return done.error();
    }
    if (auto done = removals_.carry_out(*removal, journal_.id(), clock_.now()); !done) return done.error();
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(open_, [&](const auto& one) { return one.id == removal->id; });
    }
    log::info("sinks", "a deployment was deleted with its keys", {{"deployment", removal->deployment}, {"receipt", removal->id}});
    if (cleared_) cleared_(*removal);
  }
}

}  // namespace penstock::sinks
