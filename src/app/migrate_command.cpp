#include "app/migrate_command.hpp"

#include <filesystem>
#include <iostream>

#include "app/database.hpp"
#include "app/failed.hpp"
#include "postgres/migrations.hpp"
#include "postgres/running_server.hpp"

namespace penstock::app {
namespace {

// The database of the configuration, or the private one of its data folder, which is started for as long as it takes.
template <class Action>
int with_migrations(const config::Config& config, Action action) {
  Result<std::string> data_dir = std::string();
  if (config.database.connection.url.empty()) {
    data_dir = existing_data_dir(config.data_dir);
    if (!data_dir) return failed(data_dir.error());
  }
  auto database = Database::open(config, *data_dir);
  if (!database) return failed(database.error());
  if (auto ready = database->wait_ready(std::chrono::seconds(60)); !ready) return failed(ready.error());
  postgres::Migrations migrations(database->connection());
  const int code = action(migrations);
  database->stop();
  return code;
}

int print_status(postgres::Migrations& migrations) {
  const auto states = migrations.status();
  if (!states) return failed(states.error());
  for (const auto& state : *states) {
    std::cout << state.version << ' ' << state.name << ' ' << (state.applied_at ? "applied " + *state.applied_at : "not applied") << '\n';
  }
  return 0;
}

}  // namespace

int migrate_up(const config::Config& config) {
  return with_migrations(config, [](postgres::Migrations& migrations) {
    const auto applied = migrations.up();
    if (!applied) return failed(applied.error());
    std::cout << "Steps applied: " << *applied << '\n';
    return 0;
  });
}

int migrate_down(const config::Config& config, int steps) {
  return with_migrations(config, [steps](postgres::Migrations& migrations) {
    const auto taken_back = migrations.down(steps);
    if (!taken_back) return failed(taken_back.error());
    std::cout << "Steps taken back: " << *taken_back << '\n';
    return 0;
  });
}

// Changes nothing: a private database that runs is asked as it runs, and one that was never made is not made.
int migrate_status(const config::Config& config) {
  if (config.database.connection.url.empty()) {
    const auto data_dir = existing_data_dir(config.data_dir);
    if (!data_dir) return failed(data_dir.error());
    const std::string directory = *data_dir + "/postgres";
    if (const auto url = postgres::running_server_url(directory)) {
      postgres::ConnectionOptions connection = config.database.connection;
      connection.url = *url;
      postgres::Migrations migrations(connection);
      return print_status(migrations);
    }
    std::error_code problem;
    if (!std::filesystem::exists(directory + "/data/PG_VERSION", problem)) {
      return failed(Error{ErrorCode::not_found, "There is no database in " + *data_dir + " yet: `penstock serve` makes it, or name another with --database.url. "
                                                "Nothing was changed.", "data_dir"});
    }
  }
  return with_migrations(config, print_status);
}

}  // namespace penstock::app
