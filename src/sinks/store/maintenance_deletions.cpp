// Carrying deletions out: chunks are rewritten without what they are about.
#include <algorithm>

#include "base/log.hpp"
#include "chunk/merge.hpp"
#include "sinks/store/maintenance.hpp"
#include "sinks/store/maintenance_instruments.hpp"

namespace penstock::sinks {

Result<bool> Maintenance::rewrite_once() {
  auto open = maintenance_.open_deletions();
  if (!open) {
    // A store that is away says so elsewhere.
    if (open.error().code != ErrorCode::unavailable) publish(deletions().open, full_text(open.error()));
    return open.error();
  }
  const auto is_closed = [&](std::int64_t id) {
    return std::none_of(open->begin(), open->end(), [id](const Deletion& deletion) { return deletion.id == id; });
  };
  std::erase_if(held_, is_closed);
  std::erase_if(not_understood_, is_closed);
  publish(open->size(), {});
  for (const auto& deletion : *open) {
    auto worked = rewrite_for(deletion);
    publish(open->size(), {});
    if (!worked || *worked) return worked;
  }
  return false;
}

void Maintenance::publish(std::size_t open, std::string problem) {
  instruments_->open.set(static_cast<double>(open));
  instruments_->held.set(static_cast<double>(held_.size()));
  instruments_->unreadable.set(static_cast<double>(not_understood_.size()));
  const std::lock_guard lock(mutex_);
  deletions_ = {open, held_.size(), not_understood_.size(), std::move(problem)};
}

DeletionState Maintenance::deletions() const {
  const std::lock_guard lock(mutex_);
  return deletions_;
}

Result<bool> Maintenance::settled(const Deletion& deletion) {
  const std::int64_t age = clock_.now().ns - deletion.created_at.ns;
  if (age < std::chrono::nanoseconds(options_.settle_deletion).count()) return false;
  auto snapshot = store_.snapshot();
  if (!snapshot) return snapshot.error();
  return (*snapshot)->cursor(deletion.journal) >= deletion.before;
}

Result<bool> Maintenance::rewrite_for(const Deletion& deletion) {
  // Looked at before the chunks are: what is stored after this moment is not what the deletion is about.
  auto may_close = settled(deletion);
  if (!may_close) return may_close;
  auto job = maintenance_.next_rewrite(deletion, options_.policy, unreadable_[deletion.id]);
  if (!job) {
    if (job.error().code == ErrorCode::overloaded) return false;
    return job.error();
  }
  if (!*job) return finish(deletion, *may_close);
  auto matches = matcher_(deletion);
  if (!matches) {
    if (not_understood_.insert(deletion.id).second) {
      log::error(kMaintenanceRoom, "a deletion cannot be understood and stays open",
                 {{"deletion", deletion.id}, {"error", matches.error().message}});
    }
    return false;
  }
  const auto begun = clock_.steady_now();
  const auto& inputs = (*job)->inputs();
  const ChunkMeta first = inputs.front().meta;
  Result<chunk::Merged> rewritten = chunk::Merged{};
  const bool whole = !*matches && std::all_of(inputs.begin(), inputs.end(), [&](const Chunk& input) {
    return coverage_of(deletion, input.meta) == Coverage::all;
  });
  if (whole) {
    // Nothing of them stays, whatever they hold: they go unread, the damaged ones too.
    for (const Chunk& input : inputs) rewritten->dropped += input.meta.record_count;
  } else {
    chunk::MergeOptions rewriting;
    rewriting.target_bytes = options_.target_bytes;
    rewriting.write = options_.write;
    rewriting.level = first.level;
    rewriting.keep = [&deletion, journal = first.journal, &matched = *matches](const LogView& log, Sequence sequence) {
      return !covers(deletion, {journal, sequence}, log) || (matched && !matched(log));
    };
    rewritten = chunk::merge_logs(inputs, rewriting, sealer_);
  }
  if (!rewritten && rewritten.error().code == ErrorCode::corrupt) {
    // It stays, and so does the deletion: what can be read of the chunk some day must not come back.
    for (const Chunk& input : inputs) {
      (void)damaged_.content(input.meta, rewritten.error());
      unreadable_[deletion.id].push_back(input.meta.id);
    }
    return true;
  }
  if (!rewritten) return rewritten.error();
  const auto count = inputs.size();
  auto done = rewritten->dropped == 0 ? (*job)->keep_inputs() : (*job)->replace(rewritten->chunks);
  if (!done) return done.error();
  instruments_->rewritten.add(count);
  instruments_->deleted.add(rewritten->dropped);
  instruments_->job_seconds.observe(std::chrono::duration<double>(clock_.steady_now() - begun).count());
  return true;
}

// Of a deletion for which nothing more can be done now.
Result<bool> Maintenance::finish(const Deletion& deletion, bool may_close) {
  auto left = unreadable_[deletion.id].empty() ? Result<std::uint64_t>(0) : maintenance_.chunks_left(deletion);
  if (!left) return left.error();
  if (*left > 0) {
    if (held_.insert(deletion.id).second) {
      log::error(kMaintenanceRoom, "a deletion stays open: chunks that it may be about are damaged",
                 {{"deletion", deletion.id}, {"deployment", deletion.deployment}, {"chunks", *left}});
    }
    return false;
  }
  held_.erase(deletion.id);
  if (!may_close) return false;
  if (auto done = maintenance_.close_deletion(deletion.id); !done) return done.error();
  unreadable_.erase(deletion.id);
  instruments_->closed.add();
  return true;
}

}  // namespace penstock::sinks
