#include "postgres/pg_job.hpp"

#include <algorithm>

#include "base/failpoint.hpp"
#include "postgres/chunk_rows.hpp"
#include "postgres/pg_data_keys.hpp"

namespace penstock::postgres {
namespace {

// The inputs: one deployment, one day, many ids.
constexpr const char* kInputs = " WHERE deployment = $1::text AND day = $2::integer AND id = ANY ($3::bigint[])";

}  // namespace

PgJob::PgJob(Jobs& jobs, PqConnection& open, PqTransaction transaction, std::uint32_t max_level, std::optional<std::int64_t> deletion)
    : jobs_(jobs), open_(open), transaction_(std::move(transaction)), max_level_(max_level), deletion_(deletion) {
  jobs_.busy_.store(true, std::memory_order_release);
}

PgJob::~PgJob() {
  transaction_.reset();
  jobs_.busy_.store(false, std::memory_order_release);
}

Result<std::unique_ptr<CompactionJob>> PgJob::take(Jobs& jobs, PqConnection& open, const std::string& where,
                                                   const PqParams& params,
                                                   const CompactionPolicy& policy, std::uint32_t at_least,
                                                   std::optional<std::int64_t> deletion) {
  auto transaction = PqTransaction::start(open);
  if (!transaction) return transaction.error();
  std::unique_ptr<PgJob> job(new PgJob(jobs, open, *std::move(transaction), policy.max_level, deletion));
  auto rows = open.run(std::string("SELECT ") + kMetaColumns + " FROM chunk WHERE " + where +
                       " ORDER BY deployment, day, min_time, id LIMIT " +
                           std::to_string(policy.max_inputs) + " FOR UPDATE SKIP LOCKED",
                       "take chunks to rewrite", params);
  if (!rows) return rows.error();
  std::uint64_t bytes = 0;
  for (int row = 0; row < rows->rows(); ++row) {
    ChunkMeta meta = read_meta(*rows, row);
    bytes += meta.payload_bytes;
    if (!job->inputs_.empty()) {
      const ChunkMeta& first = job->inputs_.front().meta;
      const bool together = first.journal == meta.journal && first.deployment == meta.deployment &&
                            first.kind == meta.kind && first.day == meta.day;
      if (bytes > policy.max_input_bytes || !together) break;
    }
    job->inputs_.push_back({std::move(meta), {}, {}, {}});
  }
  if (job->inputs_.size() < std::max<std::size_t>(at_least, 1)) return std::unique_ptr<CompactionJob>();
  failpoint("postgres.job.taken");
  if (auto loaded = job->load(); !loaded) return loaded.error();
  return std::unique_ptr<CompactionJob>(std::move(job));
}

Result<void> PgJob::load() {
  // One at a time: a result of all of them would double what is in memory.
  for (auto& chunk : inputs_) {
    PqParams params;
    params.add(chunk.meta.deployment).add(std::int64_t{chunk.meta.day}).add(chunk.meta.id);
    auto rows = open_.run("SELECT header, filter, payload FROM chunk WHERE deployment = $1::text AND "
                          "day = $2::integer AND id = $3::bigint",
                          "read a chunk", params);
    if (!rows) return rows.error();
    if (rows->rows() != 1) return Error{ErrorCode::unavailable, "A chunk that was locked is not there.", ""};
    chunk.header = std::string(rows->bytes(0, 0));
    chunk.filter = std::string(rows->bytes(0, 1));
    chunk.payload = std::string(rows->bytes(0, 2));
  }
  return {};
}

PqParams PgJob::place_of_inputs() const {
  std::vector<std::int64_t> ids;
  for (const auto& chunk : inputs_) ids.push_back(chunk.meta.id);
  PqParams params;
  params.add(inputs_.front().meta.deployment).add(std::int64_t{inputs_.front().meta.day}).add_array(ids);
  return params;
}

Result<std::vector<std::int64_t>> PgJob::rewritten_for() {
  // What is gone from every input is gone from the outputs. Deletions that were closed meanwhile need no keeping.
  auto rows = open_.run(std::string("SELECT done FROM (SELECT unnest(rewritten_for) AS done FROM chunk") + kInputs +
                            ") AS each_one JOIN deletion ON deletion.id = done AND deletion.deployment = $1::text AND "
                            "closed_at IS NULL GROUP BY done HAVING count(*) = cardinality($3::bigint[])",
                        "compare deletions", place_of_inputs());
  if (!rows) return rows.error();
  std::vector<std::int64_t> done;
  for (int row = 0; row < rows->rows(); ++row) done.push_back(rows->number(row, 0));
  if (deletion_ && std::find(done.begin(), done.end(), *deletion_) == done.end()) done.push_back(*deletion_);
  return done;
}

Result<void> PgJob::replace(const std::vector<Chunk>& outputs) {
  if (!transaction_) return Error{ErrorCode::internal, "This job was done already.", ""};
  if (auto held = hold_data_keys(open_, outputs, {}); !held) return held;
  auto done = rewritten_for();
  if (!done) return done.error();
  auto deleted = open_.run(std::string("DELETE FROM chunk") + kInputs, "replace chunks", place_of_inputs());
  if (!deleted) return deleted.error();
  if (deleted->affected() != inputs_.size()) {
    return Error{ErrorCode::unavailable, "A chunk that was locked is not there.", ""};
  }
  failpoint("postgres.job.deleted");
  if (auto stored = insert_chunks(open_, outputs, *done); !stored) return stored;
  failpoint("postgres.job.stored");
  auto committed = transaction_->commit();
  failpoint("postgres.job.committed");
  transaction_.reset();
  if (committed) note_freed();
  return committed;
}

void PgJob::note_freed() {
  std::uint64_t bytes = 0;
  for (const auto& chunk : inputs_) bytes += chunk.payload.size() + chunk.filter.size() + chunk.header.size();
  jobs_.freed_.note(inputs_.front().meta.day, bytes);
}

Result<void> PgJob::keep_inputs() {
  if (!transaction_) return Error{ErrorCode::internal, "This job was done already.", ""};
  if (deletion_) {
    PqParams params = place_of_inputs();
    params.add(*deletion_);
    auto marked = open_.run(std::string("UPDATE chunk SET rewritten_for = rewritten_for || $4::bigint") + kInputs,
                            "mark chunks", params);
    if (!marked) return marked.error();
  }
  auto committed = transaction_->commit();
  transaction_.reset();
  return committed;
}

Result<void> PgJob::set_aside(const std::vector<ChunkId>& damaged) {
  if (!transaction_) return Error{ErrorCode::internal, "This job was done already.", ""};
  PqParams params;
  params.add(inputs_.front().meta.deployment).add(std::int64_t{inputs_.front().meta.day}).add_array(damaged).add(std::int64_t{max_level_});
  auto marked = open_.run(std::string("UPDATE chunk SET level = $4::smallint") + kInputs, "set chunks aside", params);
  if (!marked) return marked.error();
  auto committed = transaction_->commit();
  transaction_.reset();
  return committed;
}

}  // namespace penstock::postgres
