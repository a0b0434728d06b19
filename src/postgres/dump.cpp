#include "postgres/dump.hpp"

#include <chrono>
#include <cstring>
#include <vector>

#include "postgres/child_process.hpp"
#include "postgres/connection_string.hpp"
#include "postgres/pq_connection.hpp"
#include "postgres/server_binaries.hpp"

extern char** environ;  // NOLINT

namespace penstock::postgres {
namespace {

constexpr std::chrono::hours kPatience{24};

// What libpq itself would look at in our own process, and the password, which arguments would show to everybody.
std::vector<std::string> environment_with(const std::string& password) {
  std::vector<std::string> settings;
  if (!password.empty()) settings.push_back("PGPASSWORD=" + password);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, "PG", 2) == 0 || std::strncmp(*entry, "HOME=", 5) == 0) settings.emplace_back(*entry);
  }
  return settings;
}

Result<std::int64_t> ask(const ConnectionOptions& connection, const std::string& sql) {
  auto open = PqConnection::open(connection);
  if (!open) return open.error();
  auto rows = (*open)->run(sql, "look at the database");
  if (!rows) return rows.error();
  return rows->number(0, 0);
}

Result<void> run_with(const ConnectionOptions& connection, std::vector<std::string> arguments) {
  const auto target = connection_string_without_password(connection);
  if (!target) return target.error();
  arguments.push_back("--dbname=" + target->text);
  auto done = run_child(arguments, std::nullopt, "/", kPatience, environment_with(target->password));
  if (!done) return done.error();
  return {};
}

Result<std::string> programs_for(const ConnectionOptions& connection, const std::string& bin_directory) {
  const auto version = ask(connection, "SELECT current_setting('server_version_num')::bigint / 10000");
  if (!version) return version.error();
  const auto found = find_client_binaries(bin_directory, static_cast<int>(*version));
  if (!found) return found.error();
  return found->directory;
}

}  // namespace

Result<void> dump_database(const ConnectionOptions& connection, const std::string& bin_directory, const std::string& file) {
  const auto programs = programs_for(connection, bin_directory);
  if (!programs) return programs.error();
  return run_with(connection, {*programs + "/pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-password",
                               "--compress=1", "--file=" + file});
}

Result<void> check_dump(const std::string& bin_directory, const std::string& file) {
  const auto programs = find_client_binaries(bin_directory, 0);
  if (!programs) return programs.error();
  auto listed = run_child({programs->directory + "/pg_restore", "--list", file}, std::nullopt, "/", kPatience);
  if (!listed) return listed.error();
  return {};
}

Result<void> restore_database(const ConnectionOptions& connection, const std::string& bin_directory, const std::string& file) {
  const auto tables = ask(connection,
                          "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE "
                          "nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'");
  if (!tables) return tables.error();
  if (*tables != 0) {
    return Error{ErrorCode::conflict, "The database to restore into is not empty: make a new one for it.", "database.url"};
  }
  const auto programs = programs_for(connection, bin_directory);
  if (!programs) return programs.error();
  return run_with(connection, {*programs + "/pg_restore", "--single-transaction", "--exit-on-error", "--no-owner",
                               "--no-privileges", "--no-password", file});
}

}  // namespace penstock::postgres
