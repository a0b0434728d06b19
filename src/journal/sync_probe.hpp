// How fast a disk makes small commits durable, measured as the journal works: into allocated room, one write, one fdatasync.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "penstock/core/result.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

struct SyncProbeOptions {
  std::chrono::milliseconds at_most{1500};  // the time, or …
  std::size_t commits = 1000;               // … so many, whichever comes first; at least one
  std::size_t bytes = 4096;                 // each
};

struct SyncRate {
  std::size_t commits = 0;
  std::chrono::nanoseconds median{0}, p99{0}, longest{0};
};

// Makes the file `path`, which must not exist, and removes it whatever happens. Errors are those of the file system. Blocks.
Result<SyncRate> probe_sync(FileSystem& files, const Clock& clock, const std::string& path, const SyncProbeOptions& options = {});

}  // namespace penstock::journal
