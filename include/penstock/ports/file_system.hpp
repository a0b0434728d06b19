// The file system as a port, so that a simulated one can drop, reorder and tear what was not synced, and fail any call.
// All paths are absolute or relative to the process; all errors are ErrorCode::io_error, or storage_full for ENOSPC/EDQUOT.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock {

// An open file. One thread writes; any thread may read_at at the same time.
class File {
 public:
  virtual ~File() = default;  // closes
  // Writes all bytes at an offset, or fails; after a failure any part may have been written.
  virtual Result<void> write_at(std::uint64_t offset, std::span<const std::byte> bytes) = 0;
  // Reads up to bytes.size() at an offset; fewer only at the end of the file.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> bytes) const = 0;
  // fdatasync. After a failure the file's unsynced bytes are of unknown fate: never sync or append to it again.
  virtual Result<void> sync_data() = 0;
  // posix_fallocate: the size grows to at least `size`, and writes below it meet no ENOSPC.
  virtual Result<void> allocate(std::uint64_t size) = 0;
  virtual Result<void> truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() const = 0;
};

// Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> create(const std::string& path) = 0;         // fails when it exists; mode 0600
  virtual Result<std::unique_ptr<File>> open(const std::string& path) = 0;           // read and write; fails when absent
  virtual Result<std::unique_ptr<File>> open_read(const std::string& path) = 0;
  // Makes the file when absent and takes it for this process alone until the File is destroyed; conflict when somebody has it.
  virtual Result<std::unique_ptr<File>> lock(const std::string& path) = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;   // durable after sync_directory
  virtual Result<void> remove(const std::string& path) = 0;                          // durable after sync_directory
  virtual Result<void> make_directories(const std::string& path) = 0;                // mode 0700
  virtual Result<void> sync_directory(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& path) const = 0;  // plain names of files, sorted
  virtual Result<std::uint64_t> free_bytes(const std::string& path) const = 0;       // for an unprivileged user
  virtual bool exists(const std::string& path) const = 0;
};

}  // namespace penstock
