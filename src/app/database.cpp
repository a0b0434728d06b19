#include "app/database.hpp"

#include <filesystem>
#include <system_error>

#include "postgres/connection_breaker.hpp"

namespace penstock::app {

Result<std::string> prepare_data_dir(const std::string& path) {
  std::error_code problem;
  const std::filesystem::path absolute = std::filesystem::absolute(path, problem);
  const bool made = std::filesystem::create_directories(absolute, problem);
  if (problem) {
    return Error{ErrorCode::config_error,
                 "The data folder " + absolute.string() + " cannot be made: " + problem.message() +
                     ". Name another with --data-dir.",
                 "data_dir"};
  }
  // Others may pass through (the private Postgres runs as a user of its own), not look into it; what lies below is
  // closed to them.
  if (made) std::filesystem::permissions(absolute, std::filesystem::perms(0711), problem);
  return absolute.lexically_normal().string();
}

Result<std::string> existing_data_dir(const std::string& path) {
  std::error_code problem;
  const std::filesystem::path absolute = std::filesystem::absolute(path, problem).lexically_normal();
  for (const char* part : {"journal", "postgres", "admin-token.sha256"}) {
    if (std::filesystem::exists(absolute / part, problem)) return absolute.string();
  }
  const bool folder = std::filesystem::is_directory(absolute, problem);
  return Error{ErrorCode::not_found,
               (folder ? absolute.string() + " is not the data folder of a server" : "There is no folder " + absolute.string()) +
                   ": nothing was changed. Name the server's with --data-dir; `penstock serve` makes a new one.",
               "data_dir"};
}

Result<Database> Database::open(const config::Config& config, const std::string& data_dir) {
  Database database;
  database.connection_ = config.database.connection;
  database.connection_.breaker = std::make_shared<postgres::ConnectionBreaker>();
  if (!database.connection_.url.empty()) return database;
  postgres::ServerOptions options = config.private_postgres;
  options.directory = data_dir + "/postgres";
  auto server = postgres::PrivateServer::start(options);
  if (!server) return server.error();
  database.server_ = std::move(*server);
  database.connection_.url = database.server_->url();
  return database;
}

Result<void> Database::wait_ready(std::chrono::milliseconds at_most) {
  if (!server_) return {};
  return server_->wait_ready(at_most);
}

void Database::watch() {
  pulse_ = std::make_shared<postgres::Pulse>(connection_);
  connection_.pulse = pulse_;
}

void Database::give_up() { connection_.breaker->give_up(); }

void Database::stop(std::chrono::milliseconds at_most) {
  if (pulse_) pulse_->stop();
  if (server_) server_->stop(at_most);
}

}  // namespace penstock::app
