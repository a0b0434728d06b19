// A followed file with what its set knows of it.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "agent/tailed_file.hpp"

namespace penstock::agent {

// What stat() tells of a file; equal stamps mean that nothing was written in between, unless `recent`.
struct FileStamp {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0, changed_ns = 0;

  static FileStamp of(const struct stat& status);
  bool operator==(const FileStamp&) const = default;
  // Written so lately that more may follow within the same tick of the file system's clock.
  bool recent() const;
};

struct TailEntry {
  TailEntry(TailPlace place, TailedFile::Limits limits, TailedFile::Time now) : file(std::move(place), limits, now), location(file.place().path) {}

  const std::string& path() const { return file.place().path; }

  TailedFile file;
  std::string location;             // where it can be opened: its path, or where rotation moved it
  FileStamp stamp;                  // at the last look
  bool watched = false;             // events tell of its changes
  bool fresh = false;               // nothing was read yet: it may be packed, or a copy of a file that was read
  bool packed = false;              // it is, and is left alone
  bool queued = false;              // waits for its turn to be read
  bool gone = false;                // no longer followed, though still queued
  std::uint64_t waited_size = 0;    // of a fresh file that may be a copy in the making,
  TailedFile::Time waited_since{};  // and since when it has it
  std::weak_ptr<TailEntry> after;   // comes first: it stood under the same path before
  std::list<TailEntry*>::iterator use{};  // place among the open files
};

using TailEntryPtr = std::shared_ptr<TailEntry>;

}  // namespace penstock::agent
