#include "base/sha256.hpp"
#include "postgres/migrations.hpp"

#include <map>
#include <pqxx/pqxx>

#include "base/failpoint.hpp"
#include "base/log.hpp"
#include "postgres/pqxx_session.hpp"

namespace penstock::postgres {
namespace {

// One number that all of Penstock's servers agree on: the bytes of "penstock".
constexpr const char* kLockKey = "8099000947049456491";

struct Applied {
  std::string name, checksum, at;
};

// Thrown inside a piece of work and turned into its Error at once.
struct Refused {
  Error error;
};

std::string label(int version, std::string_view name) {
  std::string number = std::to_string(version);
  number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
  return number + "_" + std::string(name);
}

void make_table(pqxx::transaction_base& transaction) {
  transaction.exec(
      "CREATE TABLE IF NOT EXISTS schema_migration (version integer PRIMARY KEY, name text NOT NULL, checksum text "
      "NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())");
}

// Nothing when there is no table yet.
std::map<int, Applied> read_applied(pqxx::transaction_base& transaction) {
  std::map<int, Applied> applied;
  if (transaction.exec("SELECT to_regclass('schema_migration')")[0][0].is_null()) return applied;
  for (const auto& row : transaction.exec("SELECT version, name, checksum, to_char(applied_at AT TIME ZONE 'UTC', "
                                          "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') FROM schema_migration ORDER BY version")) {
    applied[row[0].as<int>()] = {row[1].as<std::string>(), row[2].as<std::string>(), row[3].as<std::string>()};
  }
  return applied;
}

void check(const std::map<int, Applied>& applied, std::span<const Migration> steps) {
  for (const auto& [version, row] : applied) {
    if (version > static_cast<int>(steps.size())) {
      throw Refused{{ErrorCode::conflict,
                     "The database's schema is newer than this program: it has step " + label(version, row.name) +
                         ", this program knows steps up to " + std::to_string(steps.size()) +
                         ". Use the newer program, or take the step back with it (penstock migrate down).",
                     ""}};
    }
    const Migration& step = steps[static_cast<std::size_t>(version - 1)];
    if (row.checksum != sha256_hex(step.up)) {
      throw Refused{{ErrorCode::conflict,
                     "Migration " + label(version, row.name) +
                         " was changed after it was applied to this database (its checksum differs). Use the program "
                         "that applied it, or add a new step instead of changing an old one.",
                     ""}};
    }
  }
}

// Runs `work` while holding the lock that keeps other servers from migrating.
Result<void> alone(const ConnectionOptions& connection, const std::function<void(pqxx::connection&)>& work) {
  ConnectionOptions patient = connection;
  patient.lock_timeout = std::chrono::minutes(1);
  patient.statement_timeout = std::chrono::milliseconds(0);
  PqxxSession session(patient);
  std::optional<Error> refused;
  auto done = session.run("migrate the schema", [&](pqxx::connection& open) {
    {
      pqxx::nontransaction locking(open);
      locking.exec(std::string("SELECT pg_advisory_lock(") + kLockKey + ")");
    }
    try {
      work(open);
    } catch (const Refused& why) {
      refused = why.error;
    }
  });
  if (refused) return *refused;
  // A step's own SQL that fails is this program's fault, whatever class its SQLSTATE has.
  if (!done && done.error().code == ErrorCode::invalid_value) done.error().code = ErrorCode::internal;
  return done;
}

}  // namespace

Migrations::Migrations(ConnectionOptions connection, std::span<const Migration> steps)
    : connection_(std::move(connection)), steps_(steps) {}

Result<std::vector<MigrationState>> Migrations::status() {
  std::vector<MigrationState> states;
  auto done = alone(connection_, [&](pqxx::connection& open) {
    pqxx::work transaction(open);
    const auto applied = read_applied(transaction);
    transaction.commit();
    for (const auto& step : steps_) {
      const auto found = applied.find(step.version);
      states.push_back({step.version, std::string(step.name), std::nullopt});
      if (found != applied.end()) states.back().applied_at = found->second.at;
    }
    for (const auto& [version, row] : applied) {
      if (version > static_cast<int>(steps_.size())) states.push_back({version, row.name, row.at});
    }
  });
  if (!done) return done.error();
  return states;
}

Result<int> Migrations::up() {
  int count = 0;
  auto done = alone(connection_, [&](pqxx::connection& open) {
    for (const auto& step : steps_) {
      pqxx::work transaction(open);
      make_table(transaction);
      const auto applied = read_applied(transaction);
      check(applied, steps_);
      if (!applied.contains(step.version)) {
        transaction.exec(std::string(step.up));
        failpoint("postgres.migration.applied");
        transaction.exec_params("INSERT INTO schema_migration (version, name, checksum) VALUES ($1, $2, $3)",
                                step.version, std::string(step.name), sha256_hex(step.up));
        ++count;
        log::info("postgres", "migration applied", {{"step", label(step.version, step.name)}});
      }
      transaction.commit();
      failpoint("postgres.migration.committed");
    }
  });
  if (!done) return done.error();
  return count;
}

Result<int> Migrations::down(int steps) {
  int count = 0;
  auto done = alone(connection_, [&](pqxx::connection& open) {
    while (count < steps) {
      pqxx::work transaction(open);
      const auto applied = read_applied(transaction);
      check(applied, steps_);
      if (applied.empty()) break;
      const int version = applied.rbegin()->first;
      const Migration& step = steps_[static_cast<std::size_t>(version - 1)];
      transaction.exec(std::string(step.down));
      transaction.exec_params("DELETE FROM schema_migration WHERE version = $1", version);
      transaction.commit();
      ++count;
      log::info("postgres", "migration taken back", {{"step", label(step.version, step.name)}});
    }
  });
  if (!done) return done.error();
  return count;
}

}  // namespace penstock::postgres
