// The schema in numbered steps: migrations/NNNN_name.up.sql and .down.sql, embedded into the program at build time.
//
// Each step runs in one transaction, under an advisory lock that keeps other servers waiting, and is recorded in the
// table schema_migration with the SHA-256 of its up file.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "penstock/core/result.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

struct Migration {
  int version = 0;
  std::string_view name;  // "chunks"
  std::string_view up, down;
};

// In order of version. Static storage.
std::span<const Migration> embedded_migrations();

struct MigrationState {
  int version = 0;
  std::string name;
  std::optional<std::string> applied_at;  // RFC 3339; absent: not applied
};

// Every call opens a connection of its own. Errors: unavailable (no connection; try again), conflict (the schema is
// newer than this program, or an applied step's checksum differs: the message names the step), internal (a step's SQL
// failed: nothing of it remains).
class Migrations {
 public:
  explicit Migrations(ConnectionOptions connection, std::span<const Migration> steps = embedded_migrations());

  Result<std::vector<MigrationState>> status();
  // Applies all steps that are missing; returns how many.
  Result<int> up();
  // Takes back the newest `steps` steps, with the data they hold; returns how many.
  Result<int> down(int steps);

 private:
  ConnectionOptions connection_;
  std::span<const Migration> steps_;
};

}  // namespace penstock::postgres
