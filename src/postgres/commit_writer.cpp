#include "postgres/commit_writer.hpp"

#include <algorithm>
#include <random>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "postgres/chunk_rows.hpp"
#include "postgres/partitions.hpp"
#include "postgres/pg_data_keys.hpp"
#include "postgres/pq_transaction.hpp"
#include "postgres/series_catalog.hpp"

namespace penstock::postgres {
namespace {

// Compare-and-set comes first: it locks the row, so that a second writer of this journal waits here, and then finds it
// moved.
Result<void> move_cursor(PqConnection& open, const StoreCommit& commit, std::int64_t session) {
  PqParams params;
  params.add(commit.journal.value).add(static_cast<std::int64_t>(commit.expected_cursor));
  params.add(static_cast<std::int64_t>(commit.new_cursor)).add(session);
  auto moved =
      open.run("UPDATE journal_cursor SET position = $3::bigint, moved_at = now() WHERE journal_id = $1::bigint "
                        "AND position = $2::bigint AND session = $4::bigint",
                        "move the cursor", params);
  if (!moved) return moved.error();
  if (moved->affected() != 1) {
    return Error{ErrorCode::conflict,
                 "The journal's cursor in the store is not where it was left: somebody else writes.", ""};
  }
  return {};
}

Result<void> insert_dead_letters(PqConnection& open, const std::vector<DeadLetter>& letters) {
  for (const auto& letter : letters) {
    PqParams params;
    params.add(letter.journal.value).add(static_cast<std::int64_t>(letter.sequence));
    params.add(letter.reason).add(letter.detail).add_bytes(letter.batch);
    auto stored = open.run("INSERT INTO dead_letter (journal_id, sequence, reason, detail, batch) "
                           "VALUES ($1::bigint, $2::bigint, $3::text, $4::text, $5::bytea) ON CONFLICT DO NOTHING",
                           "store a dead letter", params);
    if (!stored) return stored.error();
  }
  return {};
}

// A statement that took too long, or that an administrator interrupted, says nothing about the data.
Result<void> waited_out(Result<void> done) {
  if (!done && done.error().code == ErrorCode::canceled) done.error().code = ErrorCode::unavailable;
  return done;
}

}  // namespace

CommitWriter::CommitWriter(const Options& options) : options_(options) {
  std::random_device bits;
  session_ = static_cast<std::int64_t>((std::uint64_t{bits()} << 31 | bits()) | 1);
}

Result<PqConnection*> CommitWriter::connection() {
  if (connection_ && connection_->broken()) connection_.reset();
  if (!connection_) {
    auto opened = PqConnection::open(options_.connection);
    if (!opened) return opened.error();
    // Should we vanish without a goodbye, the server lets the cursor's row go soon.
    auto set = (*opened)->script("SET idle_in_transaction_session_timeout = 30000", "set up a session");
    if (!set) return set.error();
    connection_ = *std::move(opened);
  }
  return connection_.get();
}

Result<Sequence> CommitWriter::load_cursor(JournalId journal) {
  std::lock_guard lock(mutex_);
  // A session of its own: what an earlier one left running at the server holds the row's lock, and is waited for.
  auto open = connection();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  PqParams params;
  params.add(journal.value);
  auto made =
      (*open)->run("INSERT INTO journal_cursor (journal_id, position) VALUES ($1::bigint, 1) ON CONFLICT DO NOTHING",
                           "make the cursor", params);
  if (!made) return waited_out(made.error()).error();
  auto found = (*open)->run("SELECT position, session, session_since, told_to_stop, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint "
                            "FROM journal_cursor WHERE journal_id = $1::bigint FOR UPDATE",
                            "read the cursor", params);
  if (!found) return waited_out(found.error()).error();
  if (found->rows() != 1) return Error{ErrorCode::unavailable, "The journal's cursor vanished while it was read.", ""};
  failpoint("postgres.cursor.read");
  const auto position = static_cast<Sequence>(found->number(0, 0));
  if (auto ours = hold_session(**open, journal, *found); !ours) return waited_out(ours).error();
  if (auto done = transaction->commit(); !done) return waited_out(done).error();
  return position;
}

DestinationWriters CommitWriter::writers() const {
  std::lock_guard lock(mutex_);
  return {before_, session_};
}

// Two servers may have copies of one data folder, and with it one journal. Whoever begins takes the row. One that had it before finds
// another in it, takes it back and names the other, which thereby knows that it has to stop. A row without a name for us that changed all
// the same is that of a database which was put back to an earlier state.
Result<void> CommitWriter::hold_session(PqConnection& open, JournalId journal, const PqResult& row) {
  const std::int64_t holder = row.number(0, 1), holder_since = row.number(0, 2), told = row.number(0, 3), now = row.number(0, 4);
  if (holder == session_) return {};
  if (told == session_) {
    return Error{ErrorCode::conflict,
                 "Another server with a copy of this data folder was there first and goes on; this one stops. Records that it took and "
                 "could not store are in its journal: penstock journal export.",
                 "data_dir"};
  }
  const bool came_later = since_ != 0 && holder_since >= since_;
  if (since_ == 0) {
    since_ = std::max(now, holder_since + 1);
    before_ = holder;
  }
  if (came_later) {
    log::error("postgres", "a server with a copy of this data folder came later; it is told to stop, and this one goes on",
               {{"journal", journal.value}});
  }
  PqParams params;
  params.add(journal.value).add(session_).add(since_).add(came_later ? holder : told);
  auto taken = open.run("UPDATE journal_cursor SET session = $2::bigint, session_since = $3::bigint, told_to_stop = $4::bigint "
                        "WHERE journal_id = $1::bigint",
                        "take the cursor", params);
  if (!taken) return taken.error();
  return {};
}

Result<void> CommitWriter::check_session(JournalId journal) {
  {
    std::lock_guard lock(mutex_);
    auto open = connection();
    if (!open) return open.error();
    PqParams params;
    params.add(journal.value);
    auto found = (*open)->run("SELECT session FROM journal_cursor WHERE journal_id = $1::bigint", "look at the cursor", params);
    if (!found) return waited_out(found.error()).error();
    if (found->rows() == 1 && found->number(0, 0) == session_) return {};
  }
  auto held = load_cursor(journal);
  if (!held) return held.error();
  return {};
}

Result<void> CommitWriter::commit(const StoreCommit& commit) {
  std::lock_guard lock(mutex_);
  auto open = connection();
  if (!open) return open.error();
  return waited_out(write(**open, commit));
}

Result<void> CommitWriter::write(PqConnection& open, const StoreCommit& commit) {
  auto transaction = PqTransaction::start(open);
  if (!transaction) return transaction.error();
  failpoint("postgres.store.begun");
  if (auto moved = move_cursor(open, commit, session_); !moved) return moved;
  failpoint("postgres.store.cursor");
  if (auto held = hold_data_keys(open, commit.chunks, commit.dead_letters); !held) return held;
  std::vector<std::int32_t> days;
  for (const auto& chunk : commit.chunks) days.push_back(chunk.meta.day);
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  if (auto made = ensure_partitions(open, days); !made) return made;
  failpoint("postgres.store.partitions");
  if (auto stored = store_series(open, commit.series); !stored) return stored;
  if (auto stored = insert_chunks(open, commit.chunks, {}); !stored) return stored;
  failpoint("postgres.store.copied");
  if (auto stored = insert_dead_letters(open, commit.dead_letters); !stored) return stored;
  return transaction->commit();
}

Result<void> CommitWriter::make_partitions(const std::vector<std::int32_t>& days) {
  std::lock_guard lock(mutex_);
  auto open = connection();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  if (auto made = ensure_partitions(**open, days); !made) return waited_out(made);
  return waited_out(transaction->commit());
}

}  // namespace penstock::postgres
