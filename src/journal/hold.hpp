// Where a backup that runs beside the server keeps segments: it holds `lock` there as long as it lives.
#pragma once

#include <string>

#include "penstock/core/error.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

inline std::string hold_folder(const std::string& journal) { return journal + "/hold-for-backup"; }
inline std::string hold_lock(const std::string& journal) { return hold_folder(journal) + "/lock"; }

// Whether one runs now. What a killed one left does not count.
inline bool backup_runs(FileSystem& files, const std::string& journal) {
  if (!files.exists(hold_lock(journal))) return false;
  const auto free = files.lock(hold_lock(journal));
  return !free && free.error().code == ErrorCode::conflict;
}

}  // namespace penstock::journal
