// Where a followed file was read up to, and how to know it again.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/descriptor.hpp"

namespace penstock::agent {

// Device and inode.
using FileId = std::pair<std::uint64_t, std::uint64_t>;
FileId id_of(const struct stat& status);
std::int64_t modified_ns(const struct stat& status);

// A file is known again by inode and by a checksum of its first bytes, since an inode may be used anew and a file may be cut off and filled again
// between two looks. A copy of it is known by the same checksum and by one of the bytes before the place.
struct TailPlace {
  static constexpr std::uint32_t kSampleBytes = 256;

  std::string path;
  std::uint64_t device = 0, inode = 0;
  std::uint64_t offset = 0;
  std::uint32_t head_bytes = 0, head_crc = 0;  // of the file's first bytes, at most kSampleBytes
  std::uint32_t tail_bytes = 0, tail_crc = 0;  // of those before `offset`, at most kSampleBytes
  std::int64_t modified_ns = 0;                // when the file was last written, as of the last reading

  FileId id() const { return {device, inode}; }
  // The checksums fit the file: it is the one that was read, or a copy of it.
  bool head_fits(const Descriptor& file) const;
  bool tail_fits(const Descriptor& file) const;
  // Takes the checksums that `offset` allows.
  void remember(const Descriptor& file);
};

// As text, a line a place and one more that older agents leave out, and back (bad lines are left out).
std::string format_places(const std::vector<TailPlace>& places);
std::vector<TailPlace> parse_places(std::string_view text);

}  // namespace penstock::agent
