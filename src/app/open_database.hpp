// The database of a configuration, for a command that runs beside a server or without one.
#pragma once

#include <optional>
#include <string>

#include "app/database.hpp"
#include "config/config.hpp"
#include "penstock/core/result.hpp"
#include "postgres/options.hpp"

namespace penstock::app {

// The configured database, the private one that runs already, or the private one started for as long as this lives.
class OpenDatabase {
 public:
  // `running`: a server has the data folder. Waits for a private one to take connections.
  Result<void> open(const config::Config& config, const std::string& data_dir, bool running);
  ~OpenDatabase();

  const postgres::ConnectionOptions& connection() const { return connection_; }

 private:
  postgres::ConnectionOptions connection_;
  std::optional<Database> database_;
};

}  // namespace penstock::app
