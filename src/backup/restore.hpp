// A backup made into a data folder and a database again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "backup/manifest.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"
#include "postgres/options.hpp"

namespace penstock::backup {

// Opens the database of a data folder, calls `use` with it, and closes it.
using WithDatabase = std::function<Result<void>(const std::string& data_dir,
                                                const std::function<Result<void>(const postgres::ConnectionOptions&)>& use)>;

struct RestoreOptions {
  std::string from;           // absolute
  std::string data_dir;       // absolute; absent or empty
  std::string bin_directory;  // of pg_restore; empty: found
};

struct RestoreReport {
  Manifest manifest;
  Sequence stored = 1;  // the store has all below; from here to manifest.end it takes from the journal at the first start
};

// Verifies every byte of the backup before it touches anything. The data folder is made as DATA_DIR.restoring, and gets its name when all
// is done; on an error it is taken away again. conflict: the data folder, the one beside it, or the database is not empty. corrupt: the
// backup is damaged (nothing was touched), or its database does not fit its journal (a database.url of the operator's is filled then).
Result<RestoreReport> restore_backup(FileSystem& files, const RestoreOptions& options, const WithDatabase& with_database);

}  // namespace penstock::backup
