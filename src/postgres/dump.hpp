// Whole databases out of Postgres and into it, with Postgres' own programs.
#pragma once

#include <string>

#include "penstock/core/result.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

// All block until they are done, which may take hours. `bin_directory` as in ServerOptions. Paths are absolute. config_error: the
// programs are not installed, or too old for the server.

// One moment of the database, in pg_dump's custom format; others read and write meanwhile.
Result<void> dump_database(const ConnectionOptions& connection, const std::string& bin_directory, const std::string& file);

// Whether the dump's table of contents can be read.
Result<void> check_dump(const std::string& bin_directory, const std::string& file);

// All or nothing. conflict: the database is not empty.
Result<void> restore_database(const ConnectionOptions& connection, const std::string& bin_directory, const std::string& file);

}  // namespace penstock::postgres
