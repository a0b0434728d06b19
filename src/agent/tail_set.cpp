#include "agent/tail_set.hpp"

#include <algorithm>
#include <ctime>
#include <tuple>

#include "agent/rotation.hpp"
#include "base/log.hpp"

namespace penstock::agent {
namespace {

constexpr std::chrono::seconds kCutOffKept{60};
constexpr int kReadsATurn = 16;

// Of this thread: that others keep the processor busy is no reason to look less often.
std::chrono::nanoseconds processor_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

TailSet::TailSet(TailOptions options, std::vector<TailPlace> known)
    : options_(std::move(options)), watch_(options_.globs, options_.watch, options_.look_everywhere), open_files_(options_.most_open) {
  for (TailPlace& place : known) {
    const FileId id = place.id();
    known_.insert_or_assign(id, std::move(place));
  }
}

void TailSet::look(Time now) {
  const auto [everywhere, changed] = watch_.news(now);
  if (everywhere) look_everywhere(now);
  for (const std::string& path : changed) {
    if (const TailEntryPtr entry = at_path(path)) {
      look_at(path, !entry->watched, now);
      if (!entry->gone) queue(entry);
    } else if (watch_.is_matched(path)) {
      struct stat status {};
      look_at(path, ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode), now);
    }
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) look_again(TailEntryPtr(entries_[i]), everywhere, now);
  if (first_look_) resume_rotated(now);
  first_look_ = false;
  // What rotated away, oldest first, with what came in between.
  for (const Left& left : std::exchange(left_, {})) look_beside(left, false, now);
  listings_.clear();
  std::erase_if(cut_off_, [now](const CutOff& one) { return now - one.since > kCutOffKept; });
}

void TailSet::look_everywhere(Time now) {
  const std::chrono::nanoseconds begun = processor_time();
  const std::vector<FilePattern::Found> found = watch_.find();
  for (const FilePattern::Found& one : found) look_at(one.path, one.link, now);
  const auto is_found = [&](const std::string& path) {
    const auto at = std::lower_bound(found.begin(), found.end(), path, [](const auto& a, const std::string& b) { return a.path < b; });
    return at != found.end() && at->path == path;
  };
  std::vector<TailEntryPtr> missing;
  for (const TailEntryPtr& entry : entries_) {
    if (!entry->file.rotated() && !is_found(entry->path())) missing.push_back(entry);
  }
  for (const TailEntryPtr& entry : missing) leave_path(entry);
  std::erase_if(unreadable_, [&](const std::string& path) { return !is_found(path); });
  if (first_look_ && options_.say_unmatched) watch_.say_what_matches_nothing();
  watch_.looked(now, processor_time() - begun);
}

// A path that a pattern matches, or that a followed file had.
void TailSet::look_at(const std::string& path, bool link, Time now) {
  const TailEntryPtr here = at_path(path);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    if (here) leave_path(here);
    return;
  }
  const auto found = by_id_.find(id_of(status));
  const TailEntryPtr known = found == by_id_.end() ? nullptr : found->second;
  if (here && here != known) leave_path(here);
  if (!known) return open_found(path, link, status, here, now);
  if (known->path() != path) {
    struct stat own {};
    if (::stat(known->path().c_str(), &own) == 0 && id_of(own) == id_of(status)) return;  // it has two names
    if (at_path(known->path()) == known) by_path_.erase(known->path());
    known->file.set_path(path);
    ++changes_;
  }
  by_path_[path] = known;
  known->location = path;
  known->file.set_rotated(false);
  known->watched = !link && status.st_nlink == 1 && watch_.is_watched(path);
  const FileStamp stamp = FileStamp::of(status);
  if (stamp != known->stamp || (!known->watched && stamp.recent())) queue(known);
  known->stamp = stamp;
}

// What no event tells of.
void TailSet::look_again(const TailEntryPtr& entry, bool seen, Time now) {
  if (entry->gone || entry->queued || entry->packed) return;
  if (entry->file.is_due(now)) queue(entry);
  if (!entry->file.rotated()) {
    if (!entry->watched && !seen) look_at(entry->path(), true, now);
    return;
  }
  struct stat status {};
  const bool there = entry->file.is_open() ? ::fstat(entry->file.descriptor().get(), &status) == 0
                                           : ::stat(entry->location.c_str(), &status) == 0 && id_of(status) == entry->file.place().id();
  if (!there) return;
  const FileStamp stamp = FileStamp::of(status);
  if (stamp != entry->stamp || stamp.recent()) queue(entry);
  entry->stamp = stamp;
}

void TailSet::open_found(const std::string& path, bool link, const struct stat& status, const TailEntryPtr& before, Time now) {
  TailPlace place;
  place.path = path;
  place.modified_ns = modified_ns(status);
  std::tie(place.device, place.inode) = id_of(status);
  const auto known = known_.find(place.id());
  auto entry = std::make_shared<TailEntry>(place, options_.limits, now);
  if (open_files_.open(*entry) != OpenFiles::Opened::yes) {
    if (unreadable_.insert(path).second) log::warn("agent", "a file cannot be read", {{"file", path}});
    return;
  }
  unreadable_.erase(path);
  // Under its own path it is the same file, if cut off meanwhile: that is noticed when it is read.
  const bool again = known != known_.end() && (known->second.path == path || known->second.head_fits(entry->file.descriptor()));
  bool fresh = false;
  if (again) {
    place = known->second;
    place.path = path;
  } else if (first_look_ && !options_.from_start) {
    place.offset = static_cast<std::uint64_t>(status.st_size);
    place.remember(entry->file.descriptor());
  } else {
    fresh = true;
  }
  if (known != known_.end()) {
    if (!again) left_.push_back({std::move(known->second), nullptr});  // its inode is another file's by now
    known_.erase(known);
  }
  const TailEntryPtr added = add(std::move(place), now);
  open_files_.hand_over(*entry, *added);  // it stays open: should it be deleted before its turn, nothing is lost
  added->fresh = fresh;
  added->watched = !link && status.st_nlink == 1 && watch_.is_watched(path);
  added->stamp = FileStamp::of(status);
  if (before) added->after = before;
  by_path_[path] = added;
  queue(added);
}

void TailSet::leave_path(const TailEntryPtr& entry) {
  if (at_path(entry->path()) == entry) by_path_.erase(entry->path());
  entry->file.set_rotated(true);
  if (entry->packed) return remove(entry);
  queue(entry);
  left_.push_back({entry->file.place(), entry});
}

// Opens it, wherever it is by now. False: not now, or never again.
bool TailSet::open(const TailEntryPtr& entry) {
  OpenFiles::Opened opened = open_files_.open(*entry);
  if (opened == OpenFiles::Opened::elsewhere) {
    const auto folder = split_name(entry->location).first;
    for (const std::string& name : names_in(folder)) {
      struct stat status {};
      if (::lstat((folder + name).c_str(), &status) != 0 || id_of(status) != entry->file.place().id()) continue;
      entry->location = folder + name;
      opened = open_files_.open(*entry);
      break;
    }
    listings_.clear();
  }
  if (opened == OpenFiles::Opened::elsewhere) {
    if (!entry->file.at_end()) log::warn("agent", "a file was deleted while it was not open; what it held is lost", {{"file", entry->path()}});
    remove(entry);
  }
  return opened == OpenFiles::Opened::yes;
}

bool TailSet::read(Time now, const LineSink& line) {
  bool stopped = false;
  std::vector<TailEntryPtr> later;  // not ready: asked again after the next look
  for (std::size_t blocked = 0; !stopped && blocked < queue_.size();) {
    const TailEntryPtr entry = std::move(queue_.front());
    queue_.pop_front();
    if (entry->gone) continue;
    const TailEntryPtr before = entry->after.lock();
    if (before && before->queued && !before->gone) {
      queue_.push_back(entry);
      ++blocked;
      continue;
    }
    blocked = 0;
    entry->queued = false;
    entry->after.reset();
    if (!open(entry)) {
      if (!entry->gone) later.push_back(entry);
      continue;
    }
    notice_cut_off(entry, now);
    if (const TailEntryPtr copy = entry->after.lock()) {
      queue(entry);
      continue;
    }
    if (entry->fresh) {
      const Judgement judgement = judge(entry, now);
      if (judgement == Judgement::wait && entry->stamp.size > 0) later.push_back(entry);
      if (judgement != Judgement::read || !open(entry)) continue;
    }
    const std::uint64_t from = entry->file.place().offset;
    bool more = true;
    for (int i = 0; i < kReadsATurn && more && !stopped; ++i) {
      more = entry->file.read(now, [&](const std::vector<LogLine>& lines) {
        if (!stopped && !line(entry->path(), lines)) stopped = true;
        return !stopped;
      });
    }
    if (entry->file.place().offset != from) ++changes_;
    if (const std::uint64_t nuls = entry->file.take_skipped(); nuls > 0) {
      skipped_ += nuls;
      log::warn("agent", "bytes without content were left out (a hole, or NULs)", {{"file", entry->path()}, {"bytes", nuls}});
    }
    if (more || stopped) queue(entry);
  }
  const bool more = stopped || !queue_.empty();
  for (const TailEntryPtr& entry : later) queue(entry);
  let_go_of_quiet(now);
  return more;
}

std::vector<TailPlace> TailSet::places() const {
  std::vector<TailPlace> places;
  places.reserve(known_.size() + entries_.size());
  for (const auto& [id, place] : known_) places.push_back(place);
  for (const TailEntryPtr& entry : entries_) {
    if (!entry->packed) places.push_back(entry->file.place());
  }
  return places;
}

TailEntryPtr TailSet::at_path(const std::string& path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

TailEntryPtr TailSet::add(TailPlace place, Time now) {
  auto entry = std::make_shared<TailEntry>(std::move(place), options_.limits, now);
  by_id_[entry->file.place().id()] = entry;
  entries_.push_back(entry);
  ++changes_;
  return entry;
}

void TailSet::remove(const TailEntryPtr& given) {
  const TailEntryPtr entry = given;  // which may stand in what is changed here
  open_files_.close(*entry);
  entry->gone = true;
  by_id_.erase(entry->file.place().id());
  if (at_path(entry->path()) == entry) by_path_.erase(entry->path());
  std::erase(entries_, entry);
  ++changes_;
}

void TailSet::queue(const TailEntryPtr& entry) {
  if (entry->queued || entry->packed || entry->gone) return;
  entry->queued = true;
  queue_.push_back(entry);
}

const std::vector<std::string>& TailSet::names_in(const std::string& folder) {
  const auto [listing, unread] = listings_.try_emplace(folder);
  if (unread) listing->second = names_of_folder(folder);
  return listing->second;
}

}  // namespace penstock::agent
