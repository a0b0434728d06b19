#include "backup/journal_hold.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>

#include "base/named_thread.hpp"
#include "journal/hold.hpp"
#include "journal/segment_format.hpp"

namespace penstock::backup {
namespace {

// What goes sooner the server gives to the hold itself (journal::backup_runs).
constexpr std::chrono::milliseconds kEvery{100};

}  // namespace

JournalHold::JournalHold(FileSystem& files, std::string journal)
    : files_(files), journal_(std::move(journal)), folder_(journal::hold_folder(journal_)) {}

Result<std::unique_ptr<JournalHold>> JournalHold::begin(FileSystem& files, const std::string& journal) {
  std::unique_ptr<JournalHold> hold(new JournalHold(files, journal));
  if (auto made = files.make_directories(hold->folder_); !made) return made.error();
  auto lock = files.lock(journal::hold_lock(journal));
  if (!lock) return std::move(lock).error();
  hold->lock_ = std::move(lock).value();
  hold->remove_links();
  hold->look();
  if (hold->trouble_) return *hold->trouble_;
  hold->thread_ = named_thread("journal-hold", [self = hold.get()] {
    std::unique_lock guard(self->mutex_);
    while (!self->stop_.wait_for(guard, kEvery, [self] { return self->stopping_; })) self->look();
  });
  return hold;
}

JournalHold::~JournalHold() {
  (void)finish();
  if (lock_ == nullptr) return;
  // In this order: from the moment that the lock's file is gone the server gives no more segments.
  (void)files_.remove(journal::hold_lock(journal_));
  remove_links();
  std::error_code ignored;
  std::filesystem::remove(folder_, ignored);
}

void JournalHold::clear(FileSystem& files, const std::string& journal) {
  JournalHold hold(files, journal);
  std::error_code trouble;
  if (!std::filesystem::is_directory(hold.folder_, trouble)) return;
  auto lock = files.lock(journal::hold_lock(journal));
  if (lock) hold.lock_ = std::move(lock).value();  // its end takes all away
}

Result<std::vector<std::string>> JournalHold::finish() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
    look();
  }
  if (trouble_) return *trouble_;
  // Those too that the server gave when it let go of them.
  const auto there = files_.list(folder_);
  if (!there) return there.error();
  for (const std::string& name : *there) {
    if (journal::parse_segment_file_name(name)) held_.insert(name);
  }
  return std::vector<std::string>(held_.begin(), held_.end());
}

// Names sort as the segments follow each other.
void JournalHold::look() {
  const auto there = files_.list(journal_);
  if (!there) {
    trouble_ = there.error();
    return;
  }
  for (const std::string& name : *there) {
    if (held_.contains(name) || !journal::parse_segment_file_name(name)) continue;
    if (link((journal_ + "/" + name).c_str(), (folder_ + "/" + name).c_str()) == 0) {
      held_.insert(name);
    } else if (errno != ENOENT) {
      trouble_ = Error{ErrorCode::io_error,
                       "Cannot hold the segment " + name + ": " + std::strerror(errno) +
                           ". A journal on a file system without hard links is backed up while the server is stopped.",
                       ""};
    }
  }
}

void JournalHold::remove_links() {
  const auto there = files_.list(folder_);
  if (!there) return;
  for (const std::string& name : *there) {
    if (journal::parse_segment_file_name(name)) (void)files_.remove(folder_ + "/" + name);
  }
}

}  // namespace penstock::backup
