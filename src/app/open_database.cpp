#include "app/open_database.hpp"

#include <chrono>
#include <utility>

#include "postgres/running_server.hpp"

namespace penstock::app {
namespace {

constexpr std::chrono::minutes kDatabaseStart{5};

}  // namespace

Result<void> OpenDatabase::open(const config::Config& config, const std::string& data_dir, bool running) {
  connection_ = config.database.connection;
  if (!connection_.url.empty()) return {};
  if (running) {
    const auto url = postgres::running_server_url(data_dir + "/postgres");
    if (!url) {
      return Error{ErrorCode::unavailable, "The server runs, but its private Postgres does not at this moment: try again.", ""};
    }
    connection_.url = *url;
    return {};
  }
  auto opened = Database::open(config, data_dir);
  if (!opened) return opened.error();
  database_.emplace(std::move(*opened));
  connection_ = database_->connection();
  return database_->wait_ready(kDatabaseStart);
}

OpenDatabase::~OpenDatabase() {
  if (database_) database_->stop();
}

}  // namespace penstock::app
