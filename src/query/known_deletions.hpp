// The deletions that this server has seen, for the time when the store is away: journal files still hold what was
// deleted.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/sealer.hpp"
#include "query/deletion_filter.hpp"
#include "query/scope.hpp"

namespace penstock::query {

// Thread-safe. Keeps the newest kMax, compiled once, those that are carried out among them: the journal may still hold what they took out of
// the store.
class KnownDeletions {
 public:
  static constexpr std::size_t kMax = 1024;

  // Reads what an earlier run left at `path`, and writes there from now on what save() is told. A damaged file is put aside.
  void keep_in(FileSystem& files, Sealer& sealer, std::string path);
  // The deletion as a filter. Not on an io thread.
  Result<DeletionFilter> add(const Deletion& deletion);
  // What is known is in the file afterwards. Best effort: the store has them all. Not on an io thread.
  void save();
  std::vector<DeletionFilter> of(const Deployments& deployments) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::int64_t, DeletionFilter> by_id_;
  bool changed_ = false;
  std::mutex file_mutex_;  // before mutex_
  FileSystem* files_ = nullptr;
  Sealer* sealer_ = nullptr;
  std::string path_;
};

}  // namespace penstock::query
