// The database of a configuration: the one it names, or the private one of its data folder.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "config/config.hpp"
#include "penstock/core/result.hpp"
#include "postgres/private_server.hpp"
#include "postgres/pulse.hpp"

namespace penstock::app {

// The folder that `path` means, absolute, made with all its parents; the error says what to do.
Result<std::string> prepare_data_dir(const std::string& path);

// The same for commands that need what is there: nothing is made. not_found: it is not the data folder of a server.
Result<std::string> existing_data_dir(const std::string& path);

class Database {
 public:
  // Launches the private server when the configuration names no database. It may not take connections yet.
  static Result<Database> open(const config::Config& config, const std::string& data_dir);

  const postgres::ConnectionOptions& connection() const { return connection_; }
  // For connections taken from here on; a look every second, once begun, tells whether it answers: reads do not wait for one that does not.
  void watch();
  void begin_to_look() { pulse_->start(); }
  const postgres::Pulse& pulse() const { return *pulse_; }
  // Until a private server takes connections; at once for a database of the operator's.
  Result<void> wait_ready(std::chrono::milliseconds at_most);
  // From now on whoever waits for the database gets an error, and so does who asks it. Any thread.
  void give_up();
  void stop(std::chrono::milliseconds at_most = std::chrono::hours(1));

 private:
  postgres::ConnectionOptions connection_;
  std::unique_ptr<postgres::PrivateServer> server_;
  std::shared_ptr<postgres::Pulse> pulse_;
};

}  // namespace penstock::app
