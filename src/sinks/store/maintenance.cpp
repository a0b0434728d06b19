#include "sinks/store/maintenance.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "chunk/block_seal.hpp"
#include "chunk/merge.hpp"

namespace penstock::sinks {
namespace {

constexpr const char* kMaintenanceRoom = "sinks";
// After a job there may be more, but never one right behind the other.
constexpr std::chrono::milliseconds kShortestRest{20};
constexpr std::chrono::milliseconds kAfterFailure{5'000};

}  // namespace

struct Maintenance::Instruments {
  explicit Instruments(MetricsRegistry& metrics)
      : merged(metrics.counter("penstock_compaction_inputs_total", "Chunks merged into larger ones.")),
        outputs(metrics.counter("penstock_compaction_outputs_total", "Chunks that merging made.")),
        merged_bytes(metrics.counter("penstock_compaction_bytes_total", "Payload bytes read for merging.")),
        resealed(metrics.counter("penstock_resealed_chunks_total", "Chunks sealed anew since their data key was replaced.")),
        rewritten(metrics.counter("penstock_deletion_chunks_total", "Chunks looked through for a deletion.")),
        deleted(metrics.counter("penstock_deletion_records_total", "Records taken out of chunks for a deletion.")),
        closed(metrics.counter("penstock_deletions_closed_total", "Deletions carried out to the end.")),
        open(metrics.gauge("penstock_deletions_open", "Deletions still to be carried out.")),
        held(metrics.gauge("penstock_deletions_held", "Open deletions that wait because a chunk they may be about is damaged.")),
        unreadable(metrics.gauge("penstock_deletions_unreadable", "Open deletions that cannot be understood.")),
        expired_chunks(metrics.counter("penstock_retention_chunks_total", "Chunks dropped by retention.")),
        expired_bytes(metrics.counter("penstock_retention_bytes_total", "Bytes of chunks dropped by retention.")),
        expired_records(metrics.counter("penstock_retention_records_total", "Records dropped by retention.")),
        partitions(metrics.counter("penstock_retention_partitions_total", "Partitions dropped whole by retention.")),
        reclaimed(metrics.counter("penstock_store_reclaims_total", "Times that space of removed chunks was given back for new ones.")),
        errors(metrics.counter("penstock_maintenance_errors_total", "Rounds of housekeeping that failed.")),
        job_seconds(metrics.histogram("penstock_maintenance_job_seconds", "Duration of merging and rewriting jobs.")) {}

  Counter &merged, &outputs, &merged_bytes, &resealed, &rewritten, &deleted, &closed;
  Gauge &open, &held, &unreadable;
  Counter &expired_chunks, &expired_bytes, &expired_records, &partitions, &reclaimed, &errors;
  Histogram& job_seconds;
};

Maintenance::Maintenance(MaintenanceOptions options, ChunkStore& store, ChunkMaintenance& maintenance, Sealer& sealer,
                         Clock& clock, MetricsRegistry& metrics, RetentionRules rules, DeletionMatcher matcher)
    : options_(options), store_(store), maintenance_(maintenance), sealer_(sealer), clock_(clock),
      rules_(std::move(rules)), matcher_(std::move(matcher)), instruments_(std::make_unique<Instruments>(metrics)),
      damaged_(metrics, "housekeeping") {}

Maintenance::~Maintenance() { stop(); }

void Maintenance::start() {
  thread_ = named_thread("maintenance", [this] { run(); });
}

void Maintenance::stop() {
  if (!thread_.joinable()) return;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Maintenance::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Maintenance::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (std::exchange(woken_, false)) next_rewrite_ = next_clearing_ = next_retention_ = {};
    lock.unlock();
    const auto pause = round();
    lock.lock();
    changed_.wait_for(lock, pause, [this] { return stopping_ || woken_; });
  }
}

std::chrono::milliseconds Maintenance::round() {
  const auto begun = clock_.steady_now();
  bool more = false;
  // What is due runs, and says when it is due again: `every` when it found nothing to do.
  const auto take_turn = [&](std::chrono::steady_clock::time_point& due, std::chrono::milliseconds every, auto work) {
    if (clock_.steady_now() < due) return;
    Result<bool> worked = work();
    if (!worked) {
      instruments_->errors.add();
      if (worked.error().code == ErrorCode::key_mismatch) sealer_.forget_store_keys();
      log::warn(kMaintenanceRoom, "housekeeping failed; trying again", {{"error", full_text(worked.error())}});
      due = clock_.steady_now() + kAfterFailure;
    } else if (*worked) {
      more = true;
    } else {
      due = clock_.steady_now() + every;
    }
  };
  take_turn(next_retention_, options_.retention_every, [this]() -> Result<bool> {
    auto report = retain_once();
    if (!report) return report.error();
    return false;
  });
  take_turn(next_rewrite_, options_.deletions_every, [this] { return rewrite_once(); });
  take_turn(next_reseal_, options_.reseal_every, [this] { return reseal_once(); });
  if (clearing_ != nullptr) {
    take_turn(next_clearing_, options_.deletions_every, [this]() -> Result<bool> {
      auto looked = clearing_->look_once();
      if (!looked) return looked.error();
      return false;
    });
  }
  if (options_.compaction) take_turn(next_compaction_, options_.compaction_every, [this] { return compact_once(); });
  // Last, and after every job: it is they who free space.
  take_turn(next_reclaim_, std::chrono::milliseconds(0), [this]() -> Result<bool> {
    auto reclaimed = maintenance_.reclaim_space(options_.reclaim_bytes);
    if (reclaimed && *reclaimed) instruments_->reclaimed.add();
    return reclaimed;
  });
  const auto worked = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - begun);
  if (more) {
    const double share = std::clamp(options_.busy_share, 0.01, 1.0);
    const auto rest =
        std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(worked.count()) * (1 / share - 1)));
    return std::max(kShortestRest, rest);
  }
  auto next = std::min({next_retention_, next_rewrite_, next_reseal_});
  if (clearing_ != nullptr) next = std::min(next, next_clearing_);
  if (options_.compaction) next = std::min(next, next_compaction_);
  return std::max(kShortestRest, std::chrono::duration_cast<std::chrono::milliseconds>(next - clock_.steady_now()));
}

Result<bool> Maintenance::compact_once() {
  auto job = maintenance_.next_compaction(options_.policy);
  if (!job) return job.error();
  if (!*job) return false;
  const auto begun = clock_.steady_now();
  const auto& inputs = (*job)->inputs();
  chunk::MergeOptions merging;
  merging.target_bytes = options_.target_bytes;
  merging.write = options_.write;
  auto merged = chunk::merge(inputs, merging, sealer_);
  if (!merged && merged.error().code == ErrorCode::corrupt) return set_aside_damaged(**job);
  if (!merged) return merged.error();
  for (const auto& input : inputs) instruments_->merged_bytes.add(input.payload.size());
  const auto count = inputs.size();
  if (auto done = (*job)->replace(merged->chunks); !done) return done.error();
  instruments_->merged.add(count);
  instruments_->outputs.add(merged->chunks.size());
  instruments_->job_seconds.observe(std::chrono::duration<double>(clock_.steady_now() - begun).count());
  return true;
}

// Each is tried alone, to find which cannot be read: the others are merged without it.
Result<bool> Maintenance::set_aside_damaged(CompactionJob& job) {
  std::vector<ChunkId> damaged;
  for (const Chunk& input : job.inputs()) {
    auto alone = chunk::merge({input}, {}, sealer_);
    if (alone || alone.error().code != ErrorCode::corrupt) continue;
    (void)damaged_.content(input.meta, alone.error());
    damaged.push_back(input.meta.id);
  }
  if (damaged.empty()) return Error{ErrorCode::internal, "Chunks cannot be merged, though each can be read.", ""};
  if (auto done = job.set_aside(damaged); !done) return done.error();
  return true;
}

Result<bool> Maintenance::reseal_once() {
  auto job = maintenance_.next_reseal(options_.policy, unsealable_);
  if (!job) return job.error();
  if (!*job) return false;
  const auto& inputs = (*job)->inputs();
  const ChunkMeta& meta = inputs.front().meta;
  // The key may have been retired by another process: what we take for the one in force is then the very one to leave.
  if (auto key = sealer_.key_for(chunk::key_scope(meta.deployment, meta.day)); key && *key == meta.key_id) sealer_.forget_store_keys();
  chunk::MergeOptions again;
  again.target_bytes = options_.target_bytes;
  again.write = options_.write;
  again.level = meta.level;
  auto sealed = chunk::merge(inputs, again, sealer_);
  if (!sealed && sealed.error().code == ErrorCode::corrupt) {
    (void)damaged_.content(meta, sealed.error());
    unsealable_.push_back(meta.id);
    return true;
  }
  if (!sealed) return sealed.error();
  if (auto done = (*job)->replace(sealed->chunks); !done) return done.error();
  instruments_->resealed.add();
  return true;
}

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

Result<RetentionReport> Maintenance::retain_once() {
  const Timestamp now = clock_.now();
  if (auto prepared = maintenance_.prepare_partitions(now); !prepared) return prepared.error();
  auto report = maintenance_.apply_retention(rules_(), now);
  if (!report) return report;
  instruments_->expired_chunks.add(report->chunks);
  instruments_->expired_bytes.add(report->bytes);
  instruments_->expired_records.add(report->records);
  instruments_->partitions.add(report->partitions);
  if (report->series > 0) log::info(kMaintenanceRoom, "series without samples were forgotten", {{"series", report->series}});
  if (report->chunks > 0) {
    log::info(kMaintenanceRoom, "retention dropped chunks",
              {{"chunks", report->chunks}, {"records", report->records}, {"bytes", report->bytes}});
  }
  return report;
}

}  // namespace penstock::sinks
