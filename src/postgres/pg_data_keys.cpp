// Whoever adds a key shares the lock of the one row of `sealing`, whoever changes the outer key takes it: so no key is added under an outer
// key that is being replaced. Whoever stores something shares the lock of the keys it is sealed with, whoever destroys keys takes it: so
// nothing is stored under a key that is gone.
#include "postgres/pg_data_keys.hpp"

#include <set>

#include "base/bytes.hpp"
#include "base/failpoint.hpp"
#include "postgres/pg_deployment_removals.hpp"
#include "postgres/pq_transaction.hpp"

namespace penstock::postgres {
namespace {

constexpr const char* kKeyColumns = "id, deployment, use, wrapped";
constexpr std::uint64_t kKeptInStore = std::uint64_t{1} << 63;  // set in the ids of data keys

std::int64_t number_of(KeyId id) { return static_cast<std::int64_t>(id); }

WrappedKey key_of(const PqResult& rows, int row) {
  return {static_cast<KeyId>(rows.number(row, 0)), std::string(rows.bytes(row, 1)), std::string(rows.bytes(row, 2)), std::string(rows.bytes(row, 3))};
}

std::vector<WrappedKey> keys_of(const PqResult& rows) {
  std::vector<WrappedKey> keys;
  for (int row = 0; row < rows.rows(); ++row) keys.push_back(key_of(rows, row));
  return keys;
}

}  // namespace

Result<std::string> PgDataKeys::outer_in_force(const std::string& own) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  PqParams params;
  params.add(own);
  auto made = (*open)->run("INSERT INTO sealing (outer_key) SELECT $1::text WHERE NOT EXISTS (SELECT FROM sealing) ON CONFLICT DO NOTHING",
                           "note the outer key", params);
  if (!made) return made.error();
  auto rows = (*open)->run("SELECT outer_key FROM sealing", "read the outer key's fingerprint");
  if (!rows) return rows.error();
  if (rows->rows() != 1) return Error{ErrorCode::unavailable, "The fingerprint of the outer key vanished while it was read.", ""};
  return std::string(rows->bytes(0, 0));
}

Result<WrappedKey> PgDataKeys::in_force(const WrappedKey& fresh, const std::string& outer) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  for (int attempt = 0; attempt < 2; ++attempt) {
    PqParams place;
    place.add(fresh.deployment).add(fresh.use);
    auto rows = (*open)->run(std::string("SELECT ") + kKeyColumns + " FROM data_key WHERE deployment = $1::text AND use = $2::text AND NOT retired",
                             "read a data key", place);
    if (!rows) return rows.error();
    if (rows->rows() == 1) return key_of(*rows, 0);
    PqParams params;
    params.add(fresh.deployment).add(number_of(fresh.id)).add(fresh.use).add_bytes(fresh.wrapped).add(outer);
    auto added = (*open)->run("INSERT INTO data_key (deployment, id, use, wrapped) SELECT $1::text, $2::bigint, $3::text, $4::bytea FROM "
                              "(SELECT FROM sealing WHERE outer_key = $5::text FOR SHARE) AS still ON CONFLICT DO NOTHING",
                              "keep a data key", params);
    if (!added) return added.error();
    if (added->affected() == 1) return fresh;
  }
  return Error{ErrorCode::key_mismatch, "Another outer key is in force in the database by now.", "seal.key_file"};
}

Result<std::vector<WrappedKey>> PgDataKeys::around(KeyId id) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  PqParams params;
  params.add(number_of(id));
  // A query reads on through the days of a deployment: they come together, the newest first.
  auto rows = (*open)->run(std::string("SELECT ") + kKeyColumns + " FROM data_key WHERE id = $1::bigint UNION (SELECT " + kKeyColumns +
                               " FROM data_key WHERE deployment = (SELECT deployment FROM data_key WHERE id = $1::bigint LIMIT 1) "
                               "ORDER BY created_at DESC LIMIT 400)",
                           "read data keys", params);
  if (!rows) return rows.error();
  return keys_of(*rows);
}

Result<std::uint64_t> PgDataKeys::rewrap_all(const std::string& outer, const std::function<Result<std::string>(const WrappedKey&)>& rewrap) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  PqParams named;
  named.add(outer);
  auto moved = (*open)->run("INSERT INTO sealing (outer_key) VALUES ($1::text) ON CONFLICT (one) DO UPDATE SET outer_key = $1::text, changed_at = now()",
                            "change the outer key", named);
  if (!moved) return moved.error();
  failpoint("seal.rotate.store");
  auto rows = (*open)->run(std::string("SELECT ") + kKeyColumns + " FROM data_key FOR NO KEY UPDATE", "read data keys");
  if (!rows) return rows.error();
  for (int row = 0; row < rows->rows(); ++row) {
    const WrappedKey key = key_of(*rows, row);
    auto wrapped = rewrap(key);
    if (!wrapped) return wrapped.error();
    PqParams params;
    params.add(key.deployment).add(number_of(key.id)).add_bytes(*wrapped);
    auto kept = (*open)->run("UPDATE data_key SET wrapped = $3::bytea WHERE deployment = $1::text AND id = $2::bigint", "keep a data key", params);
    if (!kept) return kept.error();
  }
  if (auto done = transaction->commit(); !done) return done.error();
  return static_cast<std::uint64_t>(rows->rows());
}

Result<void> PgDataKeys::each(const std::function<Result<void>(const WrappedKey&)>& visit) {
  std::vector<WrappedKey> keys;
  {
    const std::lock_guard lock(mutex_);
    auto open = connection_.open();
    if (!open) return open.error();
    auto rows = (*open)->run(std::string("SELECT ") + kKeyColumns + " FROM data_key ORDER BY deployment, id", "read data keys");
    if (!rows) return rows.error();
    keys = keys_of(*rows);
  }
  for (const WrappedKey& key : keys) {
    if (auto done = visit(key); !done) return done;
  }
  return {};
}

Result<std::uint64_t> PgDataKeys::retire_all() {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  auto done = (*open)->run("UPDATE data_key SET retired = true WHERE NOT retired", "retire data keys");
  if (!done) return done.error();
  return done->affected();
}

Result<std::uint64_t> PgDataKeys::destroy(const std::string& deployment) {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  auto transaction = PqTransaction::start(**open);
  if (!transaction) return transaction.error();
  const auto gone = destroy_deployment(**open, deployment);
  if (!gone) return gone.error();
  if (auto done = transaction->commit(); !done) return done.error();
  // So that the pages hold them no more either; the write-ahead log does until it is recycled.
  (void)(*open)->run("VACUUM data_key", "clear away destroyed keys");
  return gone->keys;
}

Result<DataKeyCounts> PgDataKeys::counts() {
  const std::lock_guard lock(mutex_);
  auto open = connection_.open();
  if (!open) return open.error();
  auto rows = (*open)->run("SELECT coalesce((SELECT outer_key FROM sealing), ''), (SELECT count(*) FROM data_key), "
                           "(SELECT count(*) FROM data_key WHERE retired), (SELECT count(*) FROM chunk WHERE key_id <> 0), "
                           "(SELECT count(*) FROM chunk WHERE key_id = 0), "
                           "(SELECT count(*) FROM chunk WHERE key_id IN (SELECT id FROM data_key WHERE retired)), "
                           "(SELECT count(*) FROM chunk WHERE key_id <> 0 AND NOT EXISTS (SELECT FROM data_key WHERE data_key.id = chunk.key_id))",
                           "count data keys");
  if (!rows) return rows.error();
  const auto count = [&](int column) { return static_cast<std::uint64_t>(rows->number(0, column)); };
  return DataKeyCounts{std::string(rows->bytes(0, 0)), count(1), count(2), count(3), count(4), count(5), count(6)};
}

Result<void> hold_data_keys(PqConnection& open, const std::vector<Chunk>& chunks, const std::vector<DeadLetter>& letters) {
  std::set<std::int64_t> wanted;
  const auto want = [&](KeyId id) {
    if ((id & kKeptInStore) != 0) wanted.insert(number_of(id));
  };
  for (const Chunk& chunk : chunks) want(chunk.meta.key_id);
  for (const DeadLetter& letter : letters) {
    ByteReader in(letter.batch);
    std::uint64_t id = 0;
    if (in.fixed64(id)) want(id);
  }
  if (wanted.empty()) return {};
  PqParams params;
  params.add_array(std::vector<std::int64_t>(wanted.begin(), wanted.end()));
  auto there = open.run("SELECT id FROM data_key WHERE id = ANY ($1::bigint[]) FOR KEY SHARE", "hold data keys", params);
  if (!there) return there.error();
  if (static_cast<std::size_t>(there->rows()) == wanted.size()) return {};
  return Error{ErrorCode::key_mismatch, "A data key was destroyed or replaced meanwhile: what was sealed with it is sealed anew.", ""};
}

}  // namespace penstock::postgres
