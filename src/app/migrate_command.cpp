#include "app/migrate_command.hpp"

#include <iostream>

#include "app/database.hpp"
#include "app/failed.hpp"
#include "postgres/migrations.hpp"

namespace penstock::app {
namespace {

template <class Action>
int with_migrations(const config::Config& config, Action action) {
  const auto data_dir = prepare_data_dir(config.data_dir);
  if (!data_dir) return failed(data_dir.error());
  auto database = Database::open(config, *data_dir);
  if (!database) return failed(database.error());
  if (auto ready = database->wait_ready(std::chrono::seconds(60)); !ready) return failed(ready.error());
  postgres::Migrations migrations(database->connection());
  const int code = action(migrations);
  database->stop();
  return code;
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

int migrate_status(const config::Config& config) {
  return with_migrations(config, [](postgres::Migrations& migrations) {
    const auto states = migrations.status();
    if (!states) return failed(states.error());
    for (const auto& state : *states) {
      std::cout << state.version << ' ' << state.name << ' '
                << (state.applied_at ? "applied " + *state.applied_at : "not applied") << '\n';
    }
    return 0;
  });
}

}  // namespace penstock::app
