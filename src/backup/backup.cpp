#include "backup/backup.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <span>

#include "backup/copy.hpp"
#include "backup/journal_hold.hpp"
#include "base/log.hpp"
#include "journal/inspect.hpp"
#include "journal/segment_format.hpp"
#include "journal/segment_walker.hpp"
#include "postgres/dump.hpp"

namespace penstock::backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNoteFile = "backup-under-way";         // in the data folder: where the unfinished backup is
constexpr const char* kUnfinishedMark = "penstock-unfinished";  // in that
constexpr std::size_t kLongestPath = 4096;

std::string note_path(const std::string& data_dir) { return data_dir + "/" + kNoteFile; }

class Maker {
 public:
  Maker(FileSystem& files, const Clock& clock, const BackupOptions& options, bool running)
      : files_(files), clock_(clock), options_(options), running_(running), journal_(options.data_dir + "/journal"),
        stage_(options.out + ".unfinished") {}

  Result<BackupReport> run() {
    if (auto fine = check_out(); !fine) return fine.error();
    clear_leftovers(files_, options_.data_dir);
    if (auto noted = note_stage(); !noted) return noted.error();
    if (running_) {
      auto hold = JournalHold::begin(files_, journal_);
      if (!hold) return std::move(hold).error();
      hold_ = std::move(hold).value();
    }
    std::error_code trouble;
    fs::remove_all(stage_, trouble);
    auto report = fill();
    if (!report) fs::remove_all(stage_, trouble);
    (void)files_.remove(note_path(options_.data_dir));
    return report;
  }

 private:
  Result<void> check_out() const {
    if (files_.exists(options_.out)) {
      return Error{ErrorCode::conflict, options_.out + " exists: name a folder that does not.", "out"};
    }
    if ((options_.out + "/").starts_with(options_.data_dir + "/")) {
      return Error{ErrorCode::config_error, "A backup cannot lie inside of the data folder: name another with --out.", "out"};
    }
    return {};
  }

  // Whoever starts next knows from it what to take away, should we be killed. Locked as long as we live.
  Result<void> note_stage() {
    auto note = files_.lock(note_path(options_.data_dir));
    if (!note) return std::move(note).error();
    note_ = std::move(note).value();
    if (auto cut = note_->truncate(0); !cut) return cut;
    if (auto written = note_->write_at(0, std::as_bytes(std::span(stage_))); !written) return written;
    return note_->sync_data();
  }

  // A folder of this name that has it is ours to remove.
  Result<void> mark_stage() {
    auto file = files_.create(stage_ + "/" + kUnfinishedMark);
    return file ? Result<void>() : Result<void>(std::move(file).error());
  }

  Result<BackupReport> fill() {
    manifest_.made_at = clock_.now();
    manifest_.version = options_.version;
    const auto before = journal::inspect(files_, journal_, nullptr, journal::Depth::headers);
    if (!before) return before.error();
    for (const char* folder : {"", "/journal", "/files"}) {
      if (auto made = files_.make_directories(stage_ + folder); !made) return made.error();
    }
    if (auto marked = mark_stage(); !marked) return marked.error();
    const std::string dump = stage_ + "/" + kDumpFile;
    if (auto done = postgres::dump_database(options_.connection, options_.bin_directory, dump); !done) return done.error();
    if (auto done = postgres::check_dump(options_.bin_directory, dump); !done) return done.error();
    auto content = content_of(files_, dump);
    if (!content) return content.error();
    add(kDumpFile, *content);
    if (auto done = copy_journal(); !done) return done.error();
    if (auto done = copy_rest(options_.data_dir, kFilesFolder); !done) return done.error();
    return finish(*before);
  }

  Result<void> copy_journal() {
    std::vector<std::string> segments;
    if (hold_) {
      auto held = hold_->finish();
      if (!held) return held.error();
      segments = *held;
    }
    const auto there = files_.list(journal_);
    if (!there) return there.error();
    for (const std::string& name : *there) {
      const bool segment = journal::parse_segment_file_name(name).has_value();
      if (segment && !hold_) segments.push_back(name);
      if (segment || name == "lock" || name == "reserve" || name.ends_with(".tmp")) continue;
      if (auto done = copy(journal_ + "/" + name, std::string(kJournalFolder) + "/" + name); !done) return done;
    }
    for (const std::string& name : segments) {
      const std::string from = (hold_ ? hold_->folder() : journal_) + "/" + name;
      const auto end = name == segments.back() ? end_of(from, name) : Result<std::uint64_t>(UINT64_MAX);
      if (!end) return end.error();
      if (auto done = copy(from, std::string(kJournalFolder) + "/" + name, *end); !done) return done;
    }
    return {};
  }

  // Where the frames of a segment end now: what the server adds while it is copied would leave holes in the copy.
  Result<std::uint64_t> end_of(const std::string& path, const std::string& name) {
    auto file = files_.open_read(path);
    if (!file) return std::move(file).error();
    journal::SegmentWalker walker(**file, journal::parse_segment_file_name(name)->id);
    for (;;) {
      const auto step = walker.next(UINT64_MAX);
      if (!step) return step.error();
      if (!step->found) return walker.offset();
    }
  }

  // Files of other folders too, but for those with a place of their own; what is neither file nor folder is left out.
  Result<void> copy_rest(const std::string& from, const std::string& to) {
    std::error_code trouble;
    for (const auto& entry : fs::directory_iterator(from, trouble)) {
      const std::string name = entry.path().filename().string();
      const bool top = from == options_.data_dir;
      if (top && (name == "journal" || name == "postgres" || name == kNoteFile)) continue;
      if (name.find('\n') != std::string::npos || entry.is_symlink(trouble)) continue;
      if (entry.is_directory(trouble)) {
        if (auto made = files_.make_directories(stage_ + "/" + to + "/" + name); !made) return made;
        if (auto done = copy_rest(from + "/" + name, to + "/" + name); !done) return done;
      } else if (entry.is_regular_file(trouble)) {
        auto done = copy(from + "/" + name, to + "/" + name);
        if (!done && files_.exists(from + "/" + name)) return done;
      }
    }
    return files_.sync_directory(stage_ + "/" + to);
  }

  Result<void> copy(const std::string& from, const std::string& to, std::uint64_t at_most = UINT64_MAX) {
    auto content = copy_file(files_, from, stage_ + "/" + to, at_most);
    if (!content) return content.error();
    add(to, *content);
    return {};
  }

  void add(const std::string& path, const Content& content) {
    report_.bytes += content.bytes;
    ++report_.files;
    manifest_.files.push_back({path, content});
  }

  Result<BackupReport> finish(const journal::JournalReport& before) {
    const auto copied = journal::inspect(files_, stage_ + "/journal", nullptr);
    if (!copied) return copied.error();
    for (const journal::Damage& damage : copied->damage) {
      const bool known = std::any_of(before.damage.begin(), before.damage.end(), [&](const journal::Damage& old) {
        return old.from <= damage.from && damage.to <= old.to;
      });
      // Damaged bytes are damage; a hole without any is a segment that was not there to be copied.
      if (damage.from == damage.to || known || damage.bytes != 0) continue;
      return Error{ErrorCode::corrupt, "The server removed segments before they could be held: make the backup again.", ""};
    }
    report_.damaged_records = copied->lost_records;
    report_.records = copied->records;
    manifest_.journal = copied->journal;
    manifest_.end = copied->segments.empty() ? 1 : copied->segments.back().end;
    if (auto written = write_manifest(); !written) return written.error();
    if (auto removed = files_.remove(stage_ + "/" + kUnfinishedMark); !removed) return removed.error();
    for (const std::string& folder : {stage_ + "/journal", stage_}) {
      if (auto synced = files_.sync_directory(folder); !synced) return synced.error();
    }
    if (auto renamed = files_.rename(stage_, options_.out); !renamed) return renamed.error();
    if (auto synced = files_.sync_directory(fs::path(options_.out).parent_path().string()); !synced) return synced.error();
    return report_;
  }

  Result<void> write_manifest() {
    const std::string text = to_text(manifest_);
    auto file = files_.create(stage_ + "/" + kManifestFile);
    if (!file) return std::move(file).error();
    if (auto written = (*file)->write_at(0, std::as_bytes(std::span(text))); !written) return written;
    return (*file)->sync_data();
  }

  FileSystem& files_;
  const Clock& clock_;
  const BackupOptions& options_;
  const bool running_;
  const std::string journal_, stage_;
  std::unique_ptr<JournalHold> hold_;
  std::unique_ptr<File> note_;
  Manifest manifest_;
  BackupReport report_;
};

}  // namespace

Result<bool> in_use(FileSystem& files, const std::string& data_dir, std::unique_ptr<File>& lock) {
  if (!files.exists(data_dir + "/journal")) {
    return Error{ErrorCode::not_found, "There is no journal in " + data_dir + ": name the data folder with --data-dir.", "data_dir"};
  }
  auto taken = files.lock(data_dir + "/journal/lock");
  if (taken) {
    lock = std::move(taken).value();
    return false;
  }
  if (taken.error().code == ErrorCode::conflict) return true;
  return std::move(taken).error();
}

Result<BackupReport> make_backup(FileSystem& files, const Clock& clock, const BackupOptions& options, bool running) {
  return Maker(files, clock, options, running).run();
}

void clear_leftovers(FileSystem& files, const std::string& data_dir) {
  JournalHold::clear(files, data_dir + "/journal");
  const std::string note = note_path(data_dir);
  if (!files.exists(note)) return;
  auto lock = files.lock(note);
  if (!lock) return;  // one runs
  std::string stage(kLongestPath, '\0');
  const auto got = (*lock)->read_at(0, std::as_writable_bytes(std::span(stage)));
  stage.resize(got ? *got : 0);
  if (stage.ends_with(".unfinished") && files.exists(stage + "/" + kUnfinishedMark)) {
    std::error_code trouble;
    fs::remove_all(stage, trouble);
    log::warn("backup", "took away what a killed backup had left", {{"folder", stage}});
  } else if (stage.ends_with(".unfinished")) {
    // Killed before it could say so, it has made folders and nothing else: one that holds anything is not removed.
    std::error_code trouble;
    for (const char* folder : {"/journal", "/files", ""}) fs::remove(stage + folder, trouble);
  }
  (void)files.remove(note);
}

}  // namespace penstock::backup
