// Files copied and looked at by their bytes.
#pragma once

#include <cstdint>
#include <string>

#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::backup {

struct Content {
  std::uint64_t bytes = 0;
  std::string sha256;
  bool operator==(const Content&) const = default;
};

// Makes `to`, which must not exist, with the bytes that `from` has while it is read, and syncs it. Blocks of zeros take no room.
// Only the first `at_most` of them.
Result<Content> copy_file(FileSystem& files, const std::string& from, const std::string& to, std::uint64_t at_most = UINT64_MAX);

Result<Content> content_of(FileSystem& files, const std::string& path);

}  // namespace penstock::backup
