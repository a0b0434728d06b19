// A file system in memory that crashes as real ones do: what was not synced may be kept, dropped, torn or reordered.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "penstock/ports/file_system.hpp"

namespace penstock::test {

enum class FileOp { create, open, read, write, sync, allocate, truncate, rename, remove, sync_directory, count_ };

enum class FileFailure {
  io_error,     // nothing happens; a failed sync also dooms what it should have synced, though reads still see it
  no_space,     // storage_full
  short_write,  // half of the bytes are written, then io_error
};

// Thread-safe. Files keep working after they were removed, as on POSIX.
class SimFileSystem final : public FileSystem {
 public:
  explicit SimFileSystem(std::uint64_t capacity = 64u << 20);
  ~SimFileSystem() override;

  // --- faults ---
  // The nth (from 1) call of this kind from now on fails, and with `for_good` every later one.
  void fail(FileOp op, std::uint64_t nth, FileFailure failure, bool for_good = false);
  void heal();
  bool fired() const;  // a failure asked for has happened
  // At the nth call that changes anything, counted from now, the power goes: that call and all after it fail.
  void cut_power_at(std::uint64_t nth);
  bool power_is_off() const;
  // Power is lost now (if it was not yet) and comes back. Directory entries and 512-byte sectors that were not synced survive or not as
  // `seed` has it. Files opened before are dead.
  void crash(std::uint64_t seed);
  // The process ends, the machine goes on (kill -9): all stays as it was last seen, and what was not synced is not synced by that. Files
  // opened before are dead.
  void end_process();
  // A liar: syncs answer well and do nothing.
  void skip_syncs(bool skip);

  // --- observation ---
  std::uint64_t changes() const;             // calls that change anything, so far
  std::uint64_t calls(FileOp op) const;      // so far
  // Files that were written or synced again after their sync had failed.
  std::vector<std::string> violations() const;
  std::string content(const std::string& path) const;
  // Rot: changes bytes on the disk as if nobody had.
  void put_content(const std::string& path, std::string bytes);
  void erase(const std::string& path);
  // Reads that touch this 512-byte sector fail from now on.
  void spoil_sector(const std::string& path, std::uint64_t sector);
  void set_capacity(std::uint64_t bytes);

  // --- the port ---
  Result<std::unique_ptr<File>> create(const std::string& path) override;
  Result<std::unique_ptr<File>> open(const std::string& path) override;
  Result<std::unique_ptr<File>> open_read(const std::string& path) override;
  Result<std::unique_ptr<File>> lock(const std::string& path) override;
  Result<void> rename(const std::string& from, const std::string& to) override;
  Result<void> remove(const std::string& path) override;
  Result<void> make_directories(const std::string& path) override;
  Result<void> sync_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) const override;
  Result<std::uint64_t> free_bytes(const std::string& path) const override;
  bool exists(const std::string& path) const override;

 private:
  class Handle;
  struct Inode;
  struct Change;  // of a directory, not yet synced
  struct Fault {
    std::uint64_t at = 0;
    FileFailure failure = FileFailure::io_error;
    bool for_good = false;
  };
  using InodePtr = std::shared_ptr<Inode>;
  using Names = std::map<std::string, InodePtr>;

  // What becomes of this call; nullptr: it works.
  std::unique_ptr<Error> before(FileOp op, FileFailure* failure = nullptr) const;
  std::unique_ptr<Error> before_change(FileOp op, FileFailure* failure = nullptr) const;
  void crash_inode(Inode& inode, std::mt19937_64& random);
  std::uint64_t used() const;
  std::unique_ptr<File> handle(const std::string& path, const InodePtr& inode, bool locks = false);

  mutable std::mutex mutex_;
  Names names_, durable_names_;
  std::vector<Change> pending_;
  std::set<std::string> locks_;
  mutable std::array<Fault, static_cast<std::size_t>(FileOp::count_)> faults_{};
  mutable std::array<std::uint64_t, static_cast<std::size_t>(FileOp::count_)> calls_{};
  std::vector<std::string> violations_;
  std::uint64_t capacity_;
  std::uint64_t life_ = 0;                 // grows with every crash
  mutable std::uint64_t changes_ = 0, power_cut_at_ = 0;
  mutable bool off_ = false, fired_ = false;
  bool skip_syncs_ = false;
};

}  // namespace penstock::test
