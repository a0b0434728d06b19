// A number that survives crashes: how far an optional sink has come. Layout: FORMAT.md.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/ports/file_system.hpp"

namespace penstock::journal {

// Two slots in one small file, written in turn, each with a generation and a checksum: one of them is whole whatever happens.
// Not thread-safe.
class CursorFile {
 public:
  // Makes the file (position `initial`) when it is absent or holds no whole slot. Its directory must exist.
  static Result<CursorFile> open(FileSystem& files, const std::string& path, JournalId journal, Sequence initial);

  // The position last stored for this journal; `initial` when the file belongs to another journal.
  Sequence position() const { return position_; }
  // Durable when it returns without error. After an error the next call makes the file anew.
  Result<void> store(Sequence position);

 private:
  CursorFile(FileSystem& files, std::string path, JournalId journal);
  Result<void> make(Sequence initial);
  Result<void> write_slot(Sequence position);

  FileSystem* files_;
  std::string path_;
  JournalId journal_;
  std::unique_ptr<File> file_;
  std::uint64_t generation_ = 0;
  Sequence position_ = 0;
};

}  // namespace penstock::journal
