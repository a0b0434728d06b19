#include "sinks/store/maintenance.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "chunk/block_seal.hpp"
#include "chunk/merge.hpp"
#include "sinks/store/maintenance_instruments.hpp"

namespace penstock::sinks {
namespace {

// After a job there may be more, but never one right behind the other.
constexpr std::chrono::milliseconds kShortestRest{20};
constexpr std::chrono::milliseconds kAfterFailure{5'000};
// Until the journal has let go of what it was asked to.
constexpr std::chrono::milliseconds kJournalClears{1'000};

}  // namespace

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
    if (std::exchange(woken_, false)) next_rewrite_ = next_clearing_ = next_retention_ = next_reseal_ = {};
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
    bool soon = false;
    take_turn(next_clearing_, options_.deletions_every, [this, &soon]() -> Result<bool> {
      auto looked = clearing_->look_once();
      if (!looked) return looked;
      soon = *looked;
      return false;
    });
    if (soon) next_clearing_ = std::min(next_clearing_, clock_.steady_now() + kJournalClears);
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

Result<RetentionReport> Maintenance::retain_once() {
  const Timestamp now = clock_.now();
  if (auto prepared = maintenance_.prepare_partitions(now); !prepared) return prepared.error();
  const auto rules = rules_();
  if (!rules) return rules.error();
  auto report = maintenance_.apply_retention(*rules, now);
  if (!report) return report;
  instruments_->expired_chunks.add(report->chunks);
  instruments_->expired_bytes.add(report->bytes);
  instruments_->expired_records.add(report->records);
  instruments_->partitions.add(report->partitions);
  instruments_->early_records.add(report->early_records);
  instruments_->dead_letters.add(report->dead_letters);
  if (report->dead_letters > 0) log::warn(kMaintenanceRoom, "dead letters were dropped: there were more than are kept", {{"dead_letters", report->dead_letters}});
  if (report->series > 0) log::info(kMaintenanceRoom, "series without samples were forgotten", {{"series", report->series}});
  if (report->chunks > 0) {
    log::info(kMaintenanceRoom, "retention dropped chunks",
              {{"chunks", report->chunks}, {"records", report->records}, {"bytes", report->bytes}});
  }
  return report;
}

}  // namespace penstock::sinks
