#include "postgres/pg_identity_store.hpp"

#include <string>

#include "base/failpoint.hpp"
#include "postgres/identity_rows.hpp"
#include "postgres/pq_transaction.hpp"

namespace penstock::postgres {

PgIdentityStore::Session::Session(const Options& options)
    : connection(options.connection, [patience = options.connection.lock_timeout + options.read_answer, pulse = options.connection.pulse](PqConnection& fresh) {
        fresh.set_answer_timeout(patience);  // longer than a lock is waited for
        if (pulse) fresh.give_up_with(pulse);
      }) {}

Result<std::int64_t> PgIdentityStore::version() {
  const std::lock_guard lock(looks_.mutex);
  auto open = looks_.open();
  if (!open) return open.error();
  auto rows = (*open)->run("SELECT version FROM identity_version", "look for changes of rights");
  if (!rows) return rows.error();
  if (rows->rows() != 1) return Error{ErrorCode::corrupt, "The table identity_version has lost its row.", ""};
  return rows->number(0, 0);
}

Result<Identities> PgIdentityStore::load(Timestamp now) {
  const std::lock_guard lock(looks_.mutex);
  auto open = looks_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  if (!transaction) return transaction.error();
  return read_identities(**open, now);
}

Result<std::int64_t> PgIdentityStore::apply(std::int64_t seen, const std::vector<IdentityChange>& changes, const std::vector<AuditEntry>& entries) {
  const std::lock_guard lock(works_.mutex);
  auto open = works_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  // Whoever raised it first wins: the other finds another version once that transaction ended.
  PqParams params;
  params.add(seen);
  auto raised = (*open)->run("UPDATE identity_version SET version = version + 1 WHERE version = $1::bigint RETURNING version",
                             "change who may do what", params);
  if (!raised) return raised.error();
  if (raised->rows() != 1) return Error{ErrorCode::conflict, "Somebody else changed users, tokens or rights at the same time; try again.", ""};
  const std::int64_t version = raised->number(0, 0);
  for (const IdentityChange& change : changes) {
    if (auto written = write_change(**open, change); !written) return written.error();
  }
  if (auto written = append_audit(**open, entries); !written) return written.error();
  failpoint("postgres.identity.applied");
  if (auto committed = transaction->commit(); !committed) return committed.error();
  failpoint("postgres.identity.committed");
  return version;
}

Result<void> PgIdentityStore::note(const IdentityUse& use) {
  const std::lock_guard lock(works_.mutex);
  auto open = works_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  for (const auto& [id, at] : use.tokens) {
    PqParams params;
    params.add(id).add(at.ns);
    auto noted = (*open)->run("UPDATE access_token SET last_used = greatest(last_used, $2::bigint) WHERE id = $1::text", "note a token's use", params);
    if (!noted) return noted.error();
  }
  for (const auto& [digest, at] : use.sessions) {
    PqParams params;
    params.add_bytes(digest).add(at.ns);
    auto noted = (*open)->run("UPDATE session SET last_seen = greatest(last_seen, $2::bigint) WHERE digest = $1::bytea", "note a session's use", params);
    if (!noted) return noted.error();
  }
  return transaction->commit();
}

Result<void> PgIdentityStore::append(const std::vector<AuditEntry>& entries) {
  const std::lock_guard lock(works_.mutex);
  auto open = works_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  if (auto written = append_audit(**open, entries); !written) return written;
  return transaction->commit();
}

Result<std::vector<AuditRow>> PgIdentityStore::audit(const AuditQuery& query) {
  const std::lock_guard lock(works_.mutex);
  auto open = works_.open();
  if (!open) return open.error();
  PqParams params;
  params.add(query.from.ns).add(query.to.ns).add(query.actor).add(query.action).add(query.object).add(query.outcome).add(query.before);
  params.add(static_cast<std::int64_t>(query.limit));
  return read_audit(**open,
                    "WHERE at >= $1::bigint AND at < $2::bigint AND ($3::text = '' OR actor = $3::text) AND ($4::text = '' OR action = $4::text OR "
                    "starts_with(action, $4::text || '.')) AND ($5::text = '' OR object = $5::text) AND ($6::text = '' OR outcome = $6::text) AND "
                    "($7::bigint = 0 OR id < $7::bigint) ORDER BY id DESC LIMIT $8::bigint",
                    params);
}

Result<std::vector<AuditRow>> PgIdentityStore::audit_chain(std::int64_t after, std::size_t count) {
  const std::lock_guard lock(works_.mutex);
  auto open = works_.open();
  if (!open) return open.error();
  PqParams params;
  params.add(after).add(static_cast<std::int64_t>(count));
  return read_audit(**open, "WHERE id > $1::bigint ORDER BY id LIMIT $2::bigint", params);
}

Result<AuditHead> PgIdentityStore::audit_head() {
  const std::lock_guard lock(works_.mutex);
  auto open = works_.open();
  if (!open) return open.error();
  auto rows = (*open)->run("SELECT id, hash FROM audit_head", "read the audit log");
  if (!rows) return rows.error();
  AuditHead head;
  if (rows->rows() != 1 || rows->bytes(0, 1).size() != head.hash.size()) return Error{ErrorCode::corrupt, "The table audit_head has lost its row.", ""};
  head.id = rows->number(0, 0);
  const std::string_view hash = rows->bytes(0, 1);
  std::copy(hash.begin(), hash.end(), head.hash.begin());
  return head;
}

}  // namespace penstock::postgres
