// What a backup holds, as text: MANIFEST beside its files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backup/copy.hpp"
#include "penstock/core/ids.hpp"
#include "penstock/core/result.hpp"
#include "penstock/core/time.hpp"

namespace penstock::backup {

inline constexpr const char* kManifestFile = "MANIFEST";
inline constexpr const char* kDumpFile = "postgres.dump";   // of the database, pg_dump's custom format
inline constexpr const char* kJournalFolder = "journal";    // segments and what lies beside them
inline constexpr const char* kFilesFolder = "files";        // everything else of the data folder

struct Manifest {
  struct Entry {
    std::string path;  // below the backup
    Content content;
    bool operator==(const Entry&) const = default;
  };
  // A place of a file that could not be read: zeros in the copy.
  struct Unreadable {
    std::string path;
    journal::ByteRange range;
    bool operator==(const Unreadable&) const = default;
  };
  // Records [from, to) that the journal in the backup does not have: they were damaged, or lay where nothing could be read.
  struct Lost {
    std::string path;  // of the segment that should have them, or of the one before it
    Sequence from = 0, to = 0;
    bool operator==(const Lost&) const = default;
  };
  Timestamp made_at;
  std::string version;   // of the program that made it
  JournalId journal;     // 0: it had no readable segment
  Sequence end = 1;      // first sequence that the journal does not hold
  std::vector<Entry> files;
  std::vector<std::string> left_out;    // files that could not even be opened
  std::vector<Unreadable> unreadable;
  std::vector<Lost> lost;

  bool whole() const { return left_out.empty() && unreadable.empty() && lost.empty(); }
};

// One sentence a place: what a backup that is not whole lacks.
std::vector<std::string> shortcomings(const Manifest& manifest);

// Lines of "name value"; the last one is the checksum of those before.
std::string to_text(const Manifest& manifest);
// corrupt: cut off, changed, or none; unsupported_version: made by a later program.
Result<Manifest> parse_manifest(std::string_view text);

// Reads the manifest of a backup and every file it names. corrupt: the first one that is missing or differs.
Result<Manifest> verify_backup(FileSystem& files, const std::string& folder);

}  // namespace penstock::backup
