// The real file system (Linux). Files are 0600, directories 0700, everything close-on-exec.
#pragma once

#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

// Thread-safe, no state.
class PosixFileSystem final : public FileSystem {
 public:
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
};

}  // namespace penstock::journal
