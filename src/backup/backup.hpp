// A copy of everything a Penstock has, of one moment, made while it runs or while it does not.
//
// The journal is held first, then the database is dumped, then the journal is copied: so the cursor in the dump lies within the copied
// journal, and after a restore the store takes from there on what the dump lacks, each record once. All that was acknowledged before the
// backup began is in it, but for what the disk does not give back or the journal has damaged: that is named, and all else is taken.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "backup/manifest.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/file_system.hpp"
#include "postgres/options.hpp"

namespace penstock::backup {

struct BackupOptions {
  std::string data_dir;  // absolute
  std::string out;       // absolute; a folder that is made, outside of data_dir
  postgres::ConnectionOptions connection;
  std::string bin_directory;  // of pg_dump; empty: found
  std::string version;        // of this program
  std::string leave_out;      // a file of the data folder by its name, which is not copied; empty: all are
};

struct BackupReport {
  std::uint64_t bytes = 0, records = 0;      // records: in the journal
  std::uint64_t files = 0;
  Manifest manifest;                         // whole(): nothing was damaged or unreadable; else all the rest is in the backup
  std::uint64_t missing_records = 0;         // of those lost, the ones that the database has not got either
};

// Whether a server has the journal open. False also takes the journal for as long as `lock` lives, so that none can start.
Result<bool> in_use(FileSystem& files, const std::string& data_dir, std::unique_ptr<File>& lock);

// `running`: a server may be writing. The backup appears under its name when it is whole; before it is OUT.unfinished. conflict: `out`
// exists, or another backup runs. corrupt: segments went before they could be held; try again.
Result<BackupReport> make_backup(FileSystem& files, const Clock& clock, const BackupOptions& options, bool running);

// Takes away what a killed backup left: its unfinished folder, wherever that is, and the segments it held. Nothing of one that runs. Each
// start of a server or of a backup calls it.
void clear_leftovers(FileSystem& files, const std::string& data_dir);

}  // namespace penstock::backup
