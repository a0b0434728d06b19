// The deletions that this server has seen, for the time when the store is away: journal files still hold what was
// deleted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "penstock/ports/chunk_store.hpp"
#include "penstock/ports/file_system.hpp"
#include "penstock/ports/sealer.hpp"
#include "query/deletion_filter.hpp"
#include "query/query_memory.hpp"
#include "query/scope.hpp"

namespace penstock::query {

// Thread-safe. Keeps the newest kMax, those that are carried out among them: the journal may still hold what they took out of
// the store.
class KnownDeletions {
 public:
  static constexpr std::size_t kMax = 1024;

  explicit KnownDeletions(std::shared_ptr<QueryMemory> memory);

  // Reads what an earlier run left at `path`, and writes there from now on what save() is told. A damaged file is put aside, as
  // `path`.damaged.
  void keep_in(FileSystem& files, Sealer& sealer, std::string path);
  // The deletion as a filter; what its expressions take is charged to `asker` where the memory of deletions is used up, and it is compiled
  // anew the next time. Not on an io thread. overloaded: no memory for it.
  Result<DeletionFilter> add(const Deletion& deletion, ByteBudget::Lease& asker);
  // Of a deployment that was deleted for good: earlier ones told what was in it, and are forgotten. save() afterwards.
  void supersede(const Deletion& whole);
  // What is known is in the file afterwards. Best effort: the store has them all. Not on an io thread.
  void save();
  // A file of this run or an earlier one was put aside, and is still there; empty: none. As of keep_in. Any thread.
  const std::string& put_aside() const { return put_aside_; }
  Result<std::vector<DeletionFilter>> of(const Deployments& deployments, ByteBudget::Lease& asker);

 private:
  struct Known {
    Deletion deletion = {};
    std::optional<DeletionFilter> filter = {};
  };
  void drop(Known& known);

  const std::shared_ptr<QueryMemory> memory_;
  mutable std::mutex mutex_;
  std::map<std::int64_t, Known> by_id_;
  ByteBudget::Lease lease_;
  bool changed_ = false;
  std::mutex file_mutex_;  // before mutex_
  FileSystem* files_ = nullptr;
  Sealer* sealer_ = nullptr;
  std::string path_, put_aside_;
};

}  // namespace penstock::query
