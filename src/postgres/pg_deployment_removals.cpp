// A deployment may have more chunks than one statement can delete in its time: they go in portions, and what is left goes with the keys, in one
// transaction. So the act is done in the moment when the keys are gone, and cut off before that it begins again.
#include "postgres/pg_deployment_removals.hpp"

#include "base/bytes.hpp"
#include "base/failpoint.hpp"
#include "postgres/identity_rows.hpp"
#include "postgres/pq_transaction.hpp"

namespace penstock::postgres {
namespace {

constexpr const char* kPortion = "2000";

// A row that somebody merges is waited for, and what takes its place shows in the statement after: so it ends with two that find nothing.
Result<std::uint64_t> remove_until_none(PqConnection& open, const std::string& chunks, const PqParams& params, const std::string& portion) {
  std::uint64_t records = 0;
  for (int idle = 0; idle < 2;) {
    auto gone = open.run("WITH gone AS (DELETE FROM chunk WHERE (deployment, day, id) IN (SELECT deployment, day, id FROM chunk WHERE " + chunks + portion +
                             ") RETURNING record_count) SELECT count(*), coalesce(sum(record_count), 0)::bigint FROM gone",
                         "remove a deployment's chunks", params);
    if (!gone) return gone.error();
    idle = gone->number(0, 0) == 0 ? idle + 1 : 0;
    records += static_cast<std::uint64_t>(gone->number(0, 1));
  }
  return records;
}

Result<void> remove_letters(PqConnection& open, std::int64_t key, const std::string& also, PqParams params) {
  std::string id;
  append_fixed64(id, static_cast<std::uint64_t>(key));
  params.add_bytes(id);
  auto removed = open.run("DELETE FROM dead_letter WHERE substring(batch FROM 1 FOR 8) = $" + std::to_string(params.size()) + "::bytea" + also, "remove dead letters", params);
  if (!removed) return removed.error();
  return {};
}

// So that the pages hold the keys no more either; the write-ahead log does until it is recycled.
void clear_away(PqConnection& open) { (void)open.run("VACUUM data_key", "clear away destroyed keys"); }

// What one journal brought after another server had carried it out. New records of others may be under the same keys: these are replaced, and go when
// nothing is under them any more.
Result<std::uint64_t> remove_late(PqConnection& open, const std::string& deployment, JournalId journal) {
  PqParams params;
  params.add(deployment).add(journal.value);
  auto letters = open.run("SELECT id FROM data_key WHERE deployment = $1::text AND use = 'dead-letter' AND $2::bigint IS NOT NULL", "read data keys", params);
  if (!letters) return letters.error();
  for (int row = 0; row < letters->rows(); ++row) {
    PqParams own;
    own.add(journal.value);
    if (auto done = remove_letters(open, letters->number(row, 0), " AND journal_id = $1::bigint", own); !done) return done.error();
  }
  auto records = remove_until_none(open, "deployment = $1::text AND journal_id = $2::bigint", params, "");
  if (!records || *records == 0) return records;
  PqParams whose;
  whose.add(deployment);
  auto retired = open.run("UPDATE data_key SET retired = true WHERE deployment = $1::text AND use LIKE 'chunk/%' AND NOT retired", "replace data keys", whose);
  if (!retired) return retired.error();
  return records;
}

}  // namespace

Result<DestroyedDeployment> destroy_deployment(PqConnection& open, const std::string& deployment) {
  DestroyedDeployment destroyed;
  PqParams params;
  params.add(deployment);
  // The keys first: this waits for commits that are under way with them, and later ones find them gone.
  auto gone = open.run("DELETE FROM data_key WHERE deployment = $1::text RETURNING id, use", "destroy data keys", params);
  if (!gone) return gone.error();
  destroyed.keys = static_cast<std::uint64_t>(gone->rows());
  for (int row = 0; row < gone->rows(); ++row) {
    if (gone->bytes(row, 1) != "dead-letter") continue;
    if (auto done = remove_letters(open, gone->number(row, 0), "", {}); !done) return done.error();
  }
  auto records = remove_until_none(open, "deployment = $1::text", params, "");
  if (!records) return records.error();
  destroyed.records = *records;
  for (const char* rows : {"series WHERE deployment = $1::text", "deletion WHERE deployment = $1::text AND NOT whole"}) {
    auto removed = open.run(std::string("DELETE FROM ") + rows, "remove a deployment", params);
    if (!removed) return removed.error();
  }
  return destroyed;
}

Result<std::int64_t> PgDeploymentRemovals::ask(const std::string& deployment, Timestamp at, const std::optional<JournalEnd>& here, const AuditEntry& entry) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  const JournalEnd place = here.value_or(JournalEnd{});
  PqParams params;
  params.add(deployment).add(kFirstTime.ns).add(kLastTime.ns).add(place.journal.value).add(static_cast<std::int64_t>(place.end)).add(at.ns);
  auto added = (*open)->run("INSERT INTO deletion (deployment, from_time, to_time, filter, journal_id, before_sequence, created_at, records, whole) "
                            "VALUES ($1::text, $2::bigint, $3::bigint, '', $4::bigint, $5::bigint, $6::bigint, 0, true) RETURNING id",
                            "note that a deployment is to go", params);
  if (!added) return added.error();
  const std::int64_t id = added->number(0, 0);
  if (here) {
    PqParams seen;
    seen.add(id).add(place.journal.value).add(static_cast<std::int64_t>(place.end));
    auto noted = (*open)->run("INSERT INTO deletion_journal (deletion_id, journal_id, before_sequence, left_at) VALUES ($1::bigint, $2::bigint, $3::bigint, NULL)",
                              "note where a journal ends", seen);
    if (!noted) return noted.error();
  }
  AuditEntry told = entry;
  told.detail = "{\"receipt\":" + std::to_string(id) + "}";
  if (auto written = append_audit(**open, {told}); !written) return written.error();
  failpoint("postgres.removal.asked");
  if (auto done = transaction->commit(); !done) return done.error();
  failpoint("postgres.removal.noted");
  return id;
}

Result<std::vector<DeploymentRemoval>> PgDeploymentRemovals::open_for(JournalEnd journal) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  PqParams params;
  params.add(journal.journal.value);
  std::vector<DeploymentRemoval> removals;
  for (int round = 0; round < 2; ++round) {
    auto rows = (*open)->run("SELECT d.id, d.deployment, j.before_sequence FROM deletion AS d LEFT JOIN deletion_journal AS j ON j.deletion_id = d.id AND "
                             "j.journal_id = $1::bigint WHERE d.whole AND j.removed_at IS NULL ORDER BY d.id",
                             "look for deployments that are to go", params);
    if (!rows) return rows.error();
    removals.clear();
    bool unseen = false;
    for (int row = 0; row < rows->rows(); ++row) {
      unseen = unseen || rows->is_null(row, 2);
      removals.push_back({rows->number(row, 0), std::string(rows->bytes(row, 1)), rows->is_null(row, 2) ? 0 : static_cast<Sequence>(rows->number(row, 2))});
    }
    if (!unseen) break;
    PqParams seen;
    seen.add(journal.journal.value).add(static_cast<std::int64_t>(journal.end));
    auto noted = (*open)->run("INSERT INTO deletion_journal (deletion_id, journal_id, before_sequence, left_at) SELECT id, $1::bigint, $2::bigint, NULL FROM deletion "
                              "WHERE whole ON CONFLICT DO NOTHING",
                              "note where a journal ends", seen);
    if (!noted) return noted.error();
  }
  return removals;
}

// Before the keys go in one transaction, what is so much that it may take longer than a statement may.
Result<std::uint64_t> PgDeploymentRemovals::remove_portions(PqConnection& open, const std::string& deployment) {
  PqParams whose;
  whose.add(deployment);
  auto removed = remove_until_none(open, "deployment = $1::text", whose, std::string(" LIMIT ") + kPortion);
  failpoint("postgres.removal.portions");
  return removed;
}

Result<std::uint64_t> PgDeploymentRemovals::destroy(PqConnection& open, const DeploymentRemoval& removal, std::uint64_t removed, Timestamp now, bool close) {
  auto destroyed = destroy_deployment(open, removal.deployment);
  if (!destroyed) return destroyed.error();
  destroyed->records += removed;
  PqParams params;
  params.add(removal.deployment).add(removal.id).add(static_cast<std::int64_t>(destroyed->keys)).add(static_cast<std::int64_t>(destroyed->records));
  auto noted = open.run(std::string("UPDATE deletion SET keys = coalesce(keys, 0) + $3::bigint, records = records + $4::bigint") + (close ? ", closed_at = now()" : "") +
                            " WHERE deployment = $1::text AND id = $2::bigint",
                        "note that a deployment is gone", params);
  if (!noted) return noted.error();
  AuditEntry told{now, "server", "key.destroy", "deployment:" + removal.deployment};
  told.detail = "{\"receipt\":" + std::to_string(removal.id) + ",\"keys\":" + std::to_string(destroyed->keys) + ",\"records\":" + std::to_string(destroyed->records) + "}";
  if (auto written = append_audit(open, {told}); !written) return written.error();
  return destroyed->keys;
}

Result<std::uint64_t> PgDeploymentRemovals::destroy_stored(const DeploymentRemoval& removal, Timestamp now) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  auto removed = remove_portions(**open, removal.deployment);
  if (!removed) return removed;
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  auto keys = destroy(**open, removal, *removed, now, false);
  if (!keys) return keys;
  if (auto committed = transaction->commit(); !committed) return committed.error();
  clear_away(**open);
  return keys;
}

Result<void> PgDeploymentRemovals::carry_out(const DeploymentRemoval& removal, JournalId journal, Timestamp now) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  const auto is_open = [&](const char* hold) -> Result<bool> {
    PqParams act;
    act.add(removal.deployment).add(removal.id);
    auto rows = (*open)->run(std::string("SELECT id FROM deletion WHERE deployment = $1::text AND id = $2::bigint AND closed_at IS NULL") + hold, "look whether a deployment is gone", act);
    if (!rows) return rows.error();
    return rows->rows() == 1;
  };
  std::uint64_t removed = 0;
  auto first = is_open("");
  if (!first) return first.error();
  if (*first) {
    auto portions = remove_portions(**open, removal.deployment);
    if (!portions) return portions.error();
    removed = *portions;
  }
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  first = is_open(" FOR UPDATE");
  if (!first) return first.error();
  auto done = *first ? destroy(**open, removal, removed, now, true) : remove_late(**open, removal.deployment, journal);
  if (!done) return done.error();
  PqParams own;
  own.add(removal.id).add(journal.value);
  auto noted = (*open)->run("UPDATE deletion_journal SET removed_at = now() WHERE deletion_id = $1::bigint AND journal_id = $2::bigint", "note what a journal had", own);
  if (!noted) return noted.error();
  failpoint("postgres.removal.rows");
  if (auto committed = transaction->commit(); !committed) return committed;
  failpoint("postgres.removal.done");
  clear_away(**open);
  return {};
}

}  // namespace penstock::postgres
