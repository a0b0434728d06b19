// Where in the journal deployments that are deleted for good end, and when their time has come.
//
// Records that came before somebody asked for it must go, those that came afterwards must stay, and a chunk knows only of records that came through one
// journal. So the store sink delivers up to that place, then they are removed, then it goes on.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/ports/clock.hpp"
#include "penstock/ports/deployment_removals.hpp"
#include "penstock/ports/journal.hpp"

namespace penstock::sinks {

// ask() is for any thread, all else for the sink's. The references must outlive it.
class DeploymentClearing {
 public:
  DeploymentClearing(DeploymentRemovals& removals, Journal& journal, Clock& clock) : removals_(removals), journal_(journal), clock_(clock) {}

  // Called on the sink's thread before each: removes what the store cannot find by itself. After an error it is tried again. Before the sink starts.
  void clear_first(std::function<Result<void>(const DeploymentRemoval&)> call) { first_ = std::move(call); }
  // Called on the sink's thread after each that was carried out. Before the sink starts.
  void on_cleared(std::function<void(const DeploymentRemoval&)> call) { cleared_ = std::move(call); }

  // A deployment with all that was durable when this was called. Gives the receipt's id; the sink is to be woken. Blocks; errors as of DeploymentRemovals.
  Result<std::int64_t> ask(const std::string& deployment, const AuditEntry& entry);

  // What is asked of the store, also by others: at the start, and then every two seconds.
  Result<void> look();
  // Whether something is to be removed before the record `next` is delivered; looks when it is time to. Never fails: with the store away there is nothing to do.
  bool due(Sequence next);
  // Those that are due; false: there was none. All before `next` must be delivered.
  Result<bool> carry_out(Sequence next);

 private:
  DeploymentRemovals& removals_;
  Journal& journal_;
  Clock& clock_;
  std::function<Result<void>(const DeploymentRemoval&)> first_;
  std::function<void(const DeploymentRemoval&)> cleared_;
  std::mutex mutex_;
  std::vector<DeploymentRemoval> open_;
  std::optional<Sequence> doubtful_;  // asked for, and the store did not say whether it has noted that
  std::chrono::steady_clock::time_point looked_{};
};

}  // namespace penstock::sinks
