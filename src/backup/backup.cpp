#include "backup/backup.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <span>

#include "backup/copy.hpp"
#include "backup/journal_hold.hpp"
#include "base/log.hpp"
#include "journal/inspect.hpp"
#include "journal/segment_format.hpp"
#include "journal/segment_walker.hpp"
#include "postgres/dump.hpp"
#include "postgres/pg_deletion_receipts.hpp"
#include "postgres/stored_cursors.hpp"
#include "seal/folder_lock.hpp"

namespace penstock::backup {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNoteFile = "backup-under-way";         // in the data folder: where the unfinished backup is
constexpr const char* kUnfinishedMark = "penstock-unfinished";  // in that
constexpr std::size_t kLongestPath = 4096;

// Reads around what cannot be read, and knows where that was.
class TolerantFile final : public File {
 public:
  explicit TolerantFile(const File& file) : file_(file) {}
  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> into) const override {
    std::vector<journal::ByteRange> given_up;
    auto got = journal::read_around(file_, offset, into, &given_up);
    for (const journal::ByteRange& range : given_up) unreadable_to_ = std::max(unreadable_to_, range.offset + range.bytes);
    return got;
  }
  Result<std::uint64_t> size() const override { return file_.size(); }
  Result<void> write_at(std::uint64_t, std::span<const std::byte>) override { return read_only(); }
  Result<void> sync_data() override { return read_only(); }
  Result<void> allocate(std::uint64_t) override { return read_only(); }
  Result<void> truncate(std::uint64_t) override { return read_only(); }
  std::uint64_t unreadable_to() const { return unreadable_to_; }

 private:
  static Error read_only() { return {ErrorCode::internal, "This file is only read.", ""}; }
  const File& file_;
  mutable std::uint64_t unreadable_to_ = 0;
};

std::string note_path(const std::string& data_dir) { return data_dir + "/" + kNoteFile; }

class Maker {
 public:
  Maker(FileSystem& files, const Clock& clock, const BackupOptions& options, bool running)
      : files_(files), clock_(clock), options_(options), running_(running), journal_(options.data_dir + "/journal"),
        stage_(options.out + ".unfinished") {}

  Result<BackupReport> run() {
    if (auto fine = check_out(); !fine) return fine.error();
    clear_leftovers(files_, options_.data_dir);
    // Keys that are changed meanwhile would not fit the database that was dumped before.
    const seal::FolderLock keys(options_.data_dir);
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
    // Before the dump, which therefore has at least what this says.
    if (auto cursors = postgres::stored_cursors(options_.connection)) cursors_ = std::move(*cursors);
    const std::string dump = stage_ + "/" + kDumpFile;
    if (auto done = postgres::dump_database(options_.connection, options_.bin_directory, dump); !done) return done.error();
    if (auto done = postgres::check_dump(options_.bin_directory, dump); !done) return done.error();
    // Receipts of deletions tell it. Before the rest is copied: a backup that then fails is told too, one that was made never is not.
    if (auto noted = postgres::note_backup(options_.connection, manifest_.made_at, before->journal, options_.out); !noted) return noted.error();
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
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const std::string& name = segments[i];
      const std::string from = (hold_ ? hold_->folder() : journal_) + "/" + name;
      const std::string to = std::string(kJournalFolder) + "/" + name;
      const auto file = files_.open_read(from);
      if (!file) {
        leave_out(to, file.error());
        // What is not in it is missed behind the one before it.
        if (i > 0) spoiled_.insert(segments[i - 1]);
        continue;
      }
      const auto end = i + 1 == segments.size() ? end_of(**file, name) : Result<std::uint64_t>(UINT64_MAX);
      if (!end) return end.error();
      const std::size_t before = manifest_.unreadable.size();
      if (auto done = copy(**file, to, *end); !done) return done;
      if (manifest_.unreadable.size() > before) spoiled_.insert(name);
    }
    if (!segments.empty()) first_ = journal::parse_segment_file_name(segments.front())->first;
    return {};
  }

  // Where the frames of a segment end now: what the server adds while it is copied would leave holes in the copy. What cannot be read may
  // have been frames.
  static Result<std::uint64_t> end_of(const File& segment, const std::string& name) {
    const TolerantFile file(segment);
    journal::SegmentWalker walker(file, journal::parse_segment_file_name(name)->id);
    for (;;) {
      const auto step = walker.next(UINT64_MAX);
      if (!step) return step.error();
      if (!step->found) return std::max(walker.offset(), file.unreadable_to());
    }
  }

  // Files of other folders too, but for those with a place of their own; what is neither file nor folder is left out.
  Result<void> copy_rest(const std::string& from, const std::string& to) {
    std::error_code trouble;
    for (const auto& entry : fs::directory_iterator(from, trouble)) {
      const std::string name = entry.path().filename().string();
      const bool top = from == options_.data_dir;
      if (top && (name == "journal" || name == "postgres" || name == kNoteFile || name == options_.leave_out)) continue;
      if (name.find('\n') != std::string::npos || entry.is_symlink(trouble)) continue;
      if (entry.is_directory(trouble)) {
        if (auto made = files_.make_directories(stage_ + "/" + to + "/" + name); !made) return made;
        if (auto done = copy_rest(from + "/" + name, to + "/" + name); !done) return done;
      } else if (entry.is_regular_file(trouble)) {
        if (auto done = copy(from + "/" + name, to + "/" + name); !done) return done;
      }
    }
    return files_.sync_directory(stage_ + "/" + to);
  }

  Result<void> copy(const std::string& from, const std::string& to) {
    const auto file = files_.open_read(from);
    if (file) return copy(**file, to, UINT64_MAX);
    if (files_.exists(from)) leave_out(to, file.error());
    return {};
  }

  Result<void> copy(const File& from, const std::string& to, std::uint64_t at_most) {
    std::vector<journal::ByteRange> unreadable;
    auto content = copy_file(files_, from, stage_ + "/" + to, at_most, &unreadable);
    if (!content) return content.error();
    for (const journal::ByteRange& range : unreadable) manifest_.unreadable.push_back({to, range});
    add(to, *content);
    return {};
  }

  void leave_out(const std::string& path, const Error& why) {
    log::warn("backup", "a file is left out", {{"file", path}, {"reason", why.message}});
    manifest_.left_out.push_back(path);
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
      if (damage.from == damage.to) continue;
      const std::string name = fs::path(damage.file).filename().string();
      const bool known = std::any_of(before.damage.begin(), before.damage.end(), [&](const journal::Damage& old) {
        return old.from <= damage.from && damage.to <= old.to;
      });
      // Damaged bytes are damage; a hole without any is a segment that was not there to be copied.
      if (!known && damage.bytes == 0 && !spoiled_.contains(name)) {
        return Error{ErrorCode::corrupt, "The server removed segments before they could be held: make the backup again.", ""};
      }
      lose(std::string(kJournalFolder) + "/" + name, damage.from, damage.to);
    }
    if (!copied->segments.empty() && first_ < copied->segments.front().name.first) {
      lose(std::string(kJournalFolder), first_, copied->segments.front().name.first);
    }
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
    count_missing();
    report_.manifest = std::move(manifest_);
    return report_;
  }

  void lose(const std::string& path, Sequence from, Sequence to) { manifest_.lost.push_back({path, from, to}); }

  void count_missing() {
    Sequence stored = 1;
    for (const postgres::StoredCursor& cursor : cursors_) {
      if (cursor.journal == manifest_.journal) stored = cursor.position;
    }
    for (const Manifest::Lost& lost : manifest_.lost) {
      report_.missing_records += lost.to - std::min(lost.to, std::max(lost.from, stored));
    }
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
  std::vector<postgres::StoredCursor> cursors_;
  std::set<std::string> spoiled_;  // segments of which not all could be copied, or not what follows them
  Sequence first_ = 1;             // of the journal's oldest segment, copied or not
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
