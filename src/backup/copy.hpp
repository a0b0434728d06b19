// Files copied and looked at by their bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "journal/read_around.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::backup {

struct Content {
  std::uint64_t bytes = 0;
  std::string sha256;
  bool operator==(const Content&) const = default;
};

// Makes `to`, which must not exist, with the bytes that `from` has while it is read, and syncs it. Blocks of zeros take no room.
// Only the first `at_most` of them. With `unreadable`, what cannot be read is zeros in the copy, and is named there; else it is an error.
Result<Content> copy_file(FileSystem& files, const File& from, const std::string& to, std::uint64_t at_most,
                          std::vector<journal::ByteRange>* unreadable);
Result<Content> copy_file(FileSystem& files, const std::string& from, const std::string& to, std::uint64_t at_most = UINT64_MAX);

Result<Content> content_of(FileSystem& files, const std::string& path);

}  // namespace penstock::backup
