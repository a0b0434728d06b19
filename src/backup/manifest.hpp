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
  Timestamp made_at;
  std::string version;   // of the program that made it
  JournalId journal;     // 0: it had no readable segment
  Sequence end = 1;      // first sequence that the journal does not hold
  std::vector<Entry> files;
};

// Lines of "name value"; the last one is the checksum of those before.
std::string to_text(const Manifest& manifest);
// corrupt: cut off, changed, or none; unsupported_version: made by a later program.
Result<Manifest> parse_manifest(std::string_view text);

// Reads the manifest of a backup and every file it names. corrupt: the first one that is missing or differs.
Result<Manifest> verify_backup(FileSystem& files, const std::string& folder);

}  // namespace penstock::backup
