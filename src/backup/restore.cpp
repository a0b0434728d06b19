#include "backup/restore.hpp"

#include <algorithm>
#include <filesystem>

#include "journal/inspect.hpp"
#include "postgres/dump.hpp"
#include "postgres/stored_cursors.hpp"

namespace penstock::backup {
namespace {

namespace fs = std::filesystem;

Result<void> must_be_empty(const std::string& folder) {
  std::error_code trouble;
  if (!fs::exists(folder, trouble) || (fs::is_directory(folder, trouble) && fs::is_empty(folder, trouble))) return {};
  return Error{ErrorCode::conflict, folder + " is not empty: restore into a new folder, or move that one away.", "data_dir"};
}

// Where a file of the backup belongs in the data folder; empty: nowhere.
std::string place_of(const std::string& path) {
  if (path.starts_with(std::string(kJournalFolder) + "/")) return path;
  const std::string files = std::string(kFilesFolder) + "/";
  return path.starts_with(files) ? path.substr(files.size()) : std::string();
}

Result<void> copy_files(FileSystem& files, const std::string& from, const Manifest& manifest, const std::string& to) {
  if (auto made = files.make_directories(to + "/journal"); !made) return made;
  // As a data folder is made: the private database's own user passes through.
  std::error_code trouble;
  fs::permissions(to, fs::perms(0711), trouble);
  for (const Manifest::Entry& entry : manifest.files) {
    const std::string place = place_of(entry.path);
    if (place.empty()) continue;
    const std::string target = to + "/" + place;
    const std::string parent = fs::path(target).parent_path().string();
    if (auto made = files.make_directories(parent); !made) return made;
    const auto content = copy_file(files, from + "/" + entry.path, target);
    if (!content) return content.error();
    if (*content != entry.content) {
      return Error{ErrorCode::corrupt, entry.path + " changed while it was restored.", ""};
    }
    if (auto synced = files.sync_directory(parent); !synced) return synced;
  }
  return files.sync_directory(to);
}

// The store goes on at its cursor: behind the journal's end it would take new records for stored ones, before its begin there is a hole.
// Where the backup says that the journal lacks records, both are what is left: the server goes on behind the one that is further.
Result<Sequence> check_cursor(const postgres::ConnectionOptions& connection, const journal::JournalReport& journal, bool whole) {
  const auto cursors = postgres::stored_cursors(connection);
  if (!cursors) return cursors.error();
  const auto found = std::find_if(cursors->begin(), cursors->end(),
                                  [&](const auto& cursor) { return cursor.journal == journal.journal; });
  const Sequence position = found == cursors->end() ? 1 : found->position;
  const Sequence begin = journal.segments.empty() ? 1 : journal.segments.front().first();
  const Sequence end = journal.segments.empty() ? 1 : journal.segments.back().end;
  if (whole && (position < begin || position > end)) {
    return Error{ErrorCode::corrupt,
                 "The database of this backup ends at record " + std::to_string(position) + ", its journal has " +
                     std::to_string(begin) + " to " + std::to_string(end) + ": they do not fit. Use another backup.",
                 ""};
  }
  return position;
}

// Makes the data folder under the name `stage`.
Result<void> restore_to(FileSystem& files, const RestoreOptions& options, const std::string& stage, const WithDatabase& with_database,
                        RestoreReport& report) {
  if (auto copied = copy_files(files, options.from, report.manifest, stage); !copied) return copied;
  const auto journal = journal::inspect(files, stage + "/journal", nullptr, journal::Depth::headers);
  if (!journal) return journal.error();
  return with_database(stage, [&](const postgres::ConnectionOptions& connection) -> Result<void> {
    const std::string dump = options.from + "/" + kDumpFile;
    if (auto done = postgres::restore_database(connection, options.bin_directory, dump); !done) return done;
    const auto position = check_cursor(connection, *journal, report.manifest.whole());
    if (!position) return position.error();
    report.stored = *position;
    return {};
  });
}

}  // namespace

Result<RestoreReport> restore_backup(FileSystem& files, const RestoreOptions& options, const WithDatabase& with_database) {
  RestoreReport report;
  auto manifest = verify_backup(files, options.from);
  if (!manifest) return manifest.error();
  report.manifest = std::move(*manifest);
  const std::string stage = options.data_dir + ".restoring";
  for (const std::string& folder : {options.data_dir, stage}) {
    if (auto empty = must_be_empty(folder); !empty) return empty.error();
  }
  if (auto filled = restore_to(files, options, stage, with_database, report); !filled) {
    std::error_code ignored;
    fs::remove_all(stage, ignored);
    return filled.error();
  }
  if (auto renamed = files.rename(stage, options.data_dir); !renamed) return renamed.error();
  if (auto synced = files.sync_directory(fs::path(options.data_dir).parent_path().string()); !synced) return synced.error();
  return report;
}

}  // namespace penstock::backup
