#include "postgres/jobs.hpp"

#include <algorithm>
#include <limits>

#include "postgres/partitions.hpp"
#include "postgres/pg_job.hpp"

namespace penstock::postgres {
namespace {

// SQLSTATE 57014 is a timeout here: nobody cancels a job's statements.
Error waited_out(Error error) {
  if (error.code == ErrorCode::canceled) error.code = ErrorCode::unavailable;
  return error;
}

}  // namespace

Result<PqConnection*> Jobs::connection() {
  if (busy_.load(std::memory_order_acquire)) {
    return Error{ErrorCode::overloaded, "Another compaction or rewriting job is open.", ""};
  }
  if (connection_ && connection_->broken()) connection_.reset();
  if (!connection_) {
    auto opened = PqConnection::open(options_.connection);
    if (!opened) return opened.error();
    connection_ = *std::move(opened);
  }
  return connection_.get();
}

void Jobs::note_days(const std::vector<std::int32_t>& days) {
  std::lock_guard lock(days_mutex_);
  days_.insert(days.begin(), days.end());
}

Result<void> Jobs::refill_days(PqConnection& open) {
  if (days_known_) return {};
  auto days = partition_days(open);
  if (!days) return days.error();
  note_days(*days);
  days_known_ = true;
  return {};
}

Result<std::unique_ptr<CompactionJob>> Jobs::next_compaction(const CompactionPolicy& policy) {
  std::lock_guard lock(mutex_);
  auto open = connection();
  if (!open) return open.error();
  if (auto known = refill_days(**open); !known) return waited_out(known.error());
  auto before = std::numeric_limits<std::int32_t>::max();
  while (true) {
    std::int32_t day = 0;
    {
      // The newest first: that is where small chunks come in, and where most queries look.
      std::lock_guard days_lock(days_mutex_);
      const auto next = days_.lower_bound(before);
      if (next == days_.begin()) return std::unique_ptr<CompactionJob>();
      day = *std::prev(next);
      // Erased before looking: chunks stored meanwhile bring it back.
      days_.erase(day);
    }
    before = day;
    auto job = compaction_on(**open, day, policy);
    if (!job) {
      note_days({day});
      return waited_out(job.error());
    }
    if (*job) {
      note_days({day});
      return job;
    }
  }
}

Result<std::unique_ptr<CompactionJob>> Jobs::compaction_on(PqConnection& open, std::int32_t day,
                                                           const CompactionPolicy& policy) {
  // A chunk is small when min_inputs of its size fit into one job; larger ones gain little by merging.
  const auto small = static_cast<std::int64_t>(policy.max_input_bytes / std::max(policy.min_inputs, 1u));
  PqParams params;
  params.add(std::int64_t{day}).add(std::int64_t{policy.max_level}).add(small).add(std::int64_t{policy.min_inputs});
  auto groups = open.run(
      "SELECT journal_id, deployment, kind, level FROM chunk WHERE day = $1::integer AND level < $2::integer AND "
      "payload_bytes <= $3::bigint GROUP BY journal_id, deployment, kind, level HAVING count(*) >= $4::bigint "
      "ORDER BY level, count(*) DESC",
      "look for chunks to merge", params);
  if (!groups) return groups.error();
  for (int row = 0; row < groups->rows(); ++row) {
    PqParams group;
    group.add(std::int64_t{day}).add(groups->number(row, 0)).add(std::string(groups->bytes(row, 1)));
    group.add(groups->number(row, 2)).add(groups->number(row, 3)).add(small);
    auto job = PgJob::take(*this, open,
                           "day = $1::integer AND journal_id = $2::bigint AND deployment = $3::text AND "
                           "kind = $4::smallint AND level = $5::smallint AND payload_bytes <= $6::bigint",
                           group, policy, policy.min_inputs, std::nullopt);
    if (!job || *job) return job;
  }
  return std::unique_ptr<CompactionJob>();
}

namespace {

// coverage_of() other than none (penstock/core/deletion.hpp), of chunks that were not rewritten for it. The day repeats what the times
// say, and is what partitions are chosen by.
const std::string kDue =
    "kind = 1 AND deployment = $1::text AND day >= $2::integer AND day <= $3::integer AND max_time >= $4::bigint AND "
    "min_time < $5::bigint AND NOT $6::bigint = ANY (rewritten_for) AND "
    "(journal_id <> $7::bigint OR min_sequence < $8::bigint)";

PqParams params_of(const Deletion& deletion) {
  PqParams params;
  params.add(deletion.deployment).add(std::int64_t{day_of(deletion.from)}).add(std::int64_t{day_of(deletion.to)});
  params.add(deletion.from.ns).add(deletion.to.ns).add(deletion.id);
  params.add(deletion.journal.value).add(static_cast<std::int64_t>(deletion.before));
  return params;
}

}  // namespace

Result<std::unique_ptr<CompactionJob>> Jobs::next_rewrite(const Deletion& deletion, const CompactionPolicy& policy,
                                                          const std::vector<ChunkId>& passed_over) {
  std::lock_guard lock(mutex_);
  auto open = connection();
  if (!open) return open.error();
  // What many chunks hold after decoding is not known here: one at a time.
  CompactionPolicy one = policy;
  one.max_inputs = 1;
  PqParams params = params_of(deletion);
  params.add_array(passed_over);
  static const std::string kWanted = kDue + " AND id <> ALL ($9::bigint[])";
  auto job = PgJob::take(*this, **open, kWanted, params, one, 1, deletion.id);
  if (!job) return waited_out(job.error());
  if (*job) return job;
  // Nothing to be had is not the same as nothing left: somebody else may hold it.
  auto left = (*open)->run("SELECT 1 FROM chunk WHERE " + kWanted + " LIMIT 1", "look for chunks to rewrite", params);
  if (!left) return waited_out(left.error());
  if (left->rows() > 0) return Error{ErrorCode::overloaded, "Another server works on the chunks of this deletion.", ""};
  return job;
}

namespace {

constexpr const char* kUnusedKeys = "SELECT deployment, id, split_part(use, '/', 2)::integer FROM data_key WHERE use LIKE 'chunk/%' AND ";
constexpr const char* kLookedAt = " ORDER BY deployment, id LIMIT 64";

// Of what a key opened nothing is left. Whoever is about to store something under it holds its row: that is waited for, and seen then.
Result<void> drop_unused_key(PqConnection& open, const PqParams& deployment_id_day) {
  auto transaction = PqTransaction::start(open);
  if (!transaction) return transaction.error();
  auto held = open.run("SELECT FROM data_key WHERE deployment = $1::text AND id = $2::bigint AND $3::integer IS NOT NULL FOR UPDATE", "hold a data key",
                       deployment_id_day);
  if (!held) return held.error();
  auto gone = open.run("DELETE FROM data_key WHERE deployment = $1::text AND id = $2::bigint AND NOT EXISTS "
                       "(SELECT FROM chunk WHERE deployment = $1::text AND day = $3::integer AND key_id = $2::bigint)",
                       "remove a data key", deployment_id_day);
  if (!gone) return gone.error();
  return transaction->commit();
}

}  // namespace

Result<std::unique_ptr<CompactionJob>> Jobs::next_reseal(const CompactionPolicy& policy, const std::vector<ChunkId>& passed_over) {
  std::lock_guard lock(mutex_);
  auto open = connection();
  if (!open) return open.error();
  CompactionPolicy one = policy;
  one.max_inputs = 1;
  auto retired = (*open)->run(std::string(kUnusedKeys) + "retired" + kLookedAt, "look for retired data keys");
  if (!retired) return waited_out(retired.error());
  // What retention took all chunks of is closed for good.
  auto expired = (*open)->run(std::string(kUnusedKeys) + "NOT retired AND created_at < now() - interval '1 day' AND NOT EXISTS (SELECT FROM chunk WHERE "
                                                         "chunk.deployment = data_key.deployment AND chunk.day = split_part(use, '/', 2)::integer)" + kLookedAt,
                              "look for expired data keys");
  if (!expired) return waited_out(expired.error());
  const auto params_of_key = [](const PqResult& rows, int row) {
    PqParams params;
    params.add(std::string(rows.bytes(row, 0))).add(rows.number(row, 1)).add(rows.number(row, 2));
    return params;
  };
  for (int row = 0; row < retired->rows(); ++row) {
    PqParams params = params_of_key(*retired, row);
    params.add_array(passed_over);
    auto job = PgJob::take(*this, **open,
                           "deployment = $1::text AND key_id = $2::bigint AND day = $3::integer AND NOT id = ANY ($4::bigint[])", params, one, 1, std::nullopt);
    if (!job || *job) return job;
    if (auto done = drop_unused_key(**open, params_of_key(*retired, row)); !done) return done.error();
  }
  for (int row = 0; row < expired->rows(); ++row) {
    if (auto done = drop_unused_key(**open, params_of_key(*expired, row)); !done) return done.error();
  }
  return std::unique_ptr<CompactionJob>();
}

Result<std::uint64_t> Jobs::chunks_left(const Deletion& deletion) {
  std::lock_guard lock(mutex_);
  auto open = connection();
  if (!open) return open.error();
  auto left = (*open)->run("SELECT count(*) FROM chunk WHERE " + kDue, "count chunks to rewrite", params_of(deletion));
  if (!left) return waited_out(left.error());
  return static_cast<std::uint64_t>(left->number(0, 0));
}

}  // namespace penstock::postgres
