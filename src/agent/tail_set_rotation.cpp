#include "agent/tail_set.hpp"

#include <algorithm>
#include <tuple>

#include "agent/rotation.hpp"
#include "base/log.hpp"

// What of the files that the set follows was rotated, copied or cut off since the last look.
//
// What makes this hard: between two looks a file may be renamed, renamed again, copied, cut off, packed, deleted, and its successor too. A name
// tells nothing then. So a file is its inode as long as it is held, its first bytes and those before the place after that, and what stood
// between two known files is found by its name and by having been written after the older one.

namespace penstock::agent {
namespace {

constexpr std::size_t kMostCutOff = 1'000;
constexpr std::uint64_t kReadPastCopy = 1 << 20;  // so much may have been read of an original after it was copied and before it was cut off

}  // namespace

// Files that were renamed while the agent was away, out of the reach of the patterns ("app.log" → "app.log.1").
void TailSet::resume_rotated(Time now) {
  std::map<std::string, std::map<FileId, std::string>> folders;  // each is read once
  std::unordered_map<FileId, TailPlace, IdHash> unreadable;
  for (auto& [id, place] : known_) {
    const auto [folder, name] = split_name(place.path);
    const auto [files, unread] = folders.try_emplace(folder);
    if (unread) {
      for (const std::string& other : names_in(folder)) {
        struct stat status {};
        if (::lstat((folder + other).c_str(), &status) == 0 && S_ISREG(status.st_mode)) files->second.try_emplace(id_of(status), folder + other);
      }
    }
    const auto found = files->second.find(id);
    TailEntry probe(place, options_.limits, now);
    if (found != files->second.end()) probe.location = found->second;
    const auto opened = found == files->second.end() ? OpenFiles::Opened::elsewhere : open_files_.open(probe);
    if (opened == OpenFiles::Opened::unreadable || opened == OpenFiles::Opened::no_descriptor) {
      unreadable.emplace(id, std::move(place));
      continue;
    }
    const bool again = opened == OpenFiles::Opened::yes && place.head_fits(probe.file.descriptor());
    TailEntryPtr entry;
    if (!again) {
      open_files_.close(probe);
    } else {
      entry = add(place, now);
      open_files_.hand_over(probe, *entry);
      entry->location = found->second;
      entry->file.set_rotated(true);
      queue(entry);
    }
    left_.push_back({std::move(place), entry});
  }
  known_ = std::move(unreadable);
}

// Files that stood under the left path after it was left and before what stands there now, which no look has seen; or, `copies_only`, copies of what
// was cut off. They carry names that rotation gave them.
void TailSet::look_beside(const Left& left, bool copies_only, Time now) {
  if (left.place.modified_ns == 0) return;  // as an older agent left it: nothing tells what came after
  const auto [folder, name] = split_name(left.place.path);
  const std::string prefix = name.substr(0, name.find_first_of(".-_~"));
  const std::vector<std::string>& names = names_in(folder);
  struct Beside {
    std::int64_t modified = 0;
    TailPlace place;
    std::string location;
  };
  std::vector<Beside> found;
  for (auto other = std::lower_bound(names.begin(), names.end(), prefix); other != names.end() && other->starts_with(prefix); ++other) {
    if (!is_rotated_name(*other, name)) continue;
    const std::string path = folder + *other;
    struct statx status {};
    if (::statx(AT_FDCWD, path.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &status) != 0 || !S_ISREG(status.stx_mode)) continue;
    const auto ns = [](const statx_timestamp& time) { return time.tv_sec * std::int64_t{1'000'000'000} + time.tv_nsec; };
    if (ns(status.stx_mtime) < left.place.modified_ns || watch_.is_matched(path)) continue;
    struct stat own {};
    if (::stat(path.c_str(), &own) != 0 || by_id_.contains(id_of(own)) || known_.contains(id_of(own))) continue;
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) continue;
    const Result<std::string> first = read_at(file, 0, 16, path);
    Beside beside{ns(status.stx_mtime), {}, path};
    beside.place.path = left.place.path;
    std::tie(beside.place.device, beside.place.inode) = id_of(own);
    if (first && packed_with(*first) != nullptr) {
      log::warn("agent", "a file was rotated and packed before it could be read: it is left out", {{"file", path}, {"packed_with", packed_with(*first)}});
      continue;
    }
    if (is_copy(file, static_cast<std::uint64_t>(own.st_size), left.place) == Copy::whole) {
      beside.place = left.place;
      std::tie(beside.place.device, beside.place.inode) = id_of(own);
    } else {
      const bool born_known = (status.stx_mask & STATX_BTIME) != 0;
      if (copies_only || (born_known && ns(status.stx_btime) < left.place.modified_ns)) continue;
    }
    found.push_back(std::move(beside));
  }
  std::sort(found.begin(), found.end(), [](const Beside& a, const Beside& b) { return a.modified < b.modified; });
  TailEntryPtr before = left.entry;
  for (Beside& beside : found) {
    const TailEntryPtr entry = add(std::move(beside.place), now);
    entry->location = beside.location;
    entry->file.set_rotated(true);
    open_files_.open(*entry);
    if (before && !copies_only) entry->after = before;
    before = entry;
    queue(entry);
  }
  const TailEntryPtr successor = at_path(left.place.path);
  if (successor && before && successor != before) successor->after = before;
}

void TailSet::notice_cut_off(const TailEntryPtr& entry, Time now) {
  std::optional<TailPlace> before = entry->file.cut_off();
  if (!before) return;
  ++changes_;
  look_beside({*before, nullptr}, true, now);
  listings_.clear();
  cut_off_.push_back({std::move(*before), now});
  if (cut_off_.size() > kMostCutOff) cut_off_.erase(cut_off_.begin());
  // The copy that was made before, if a pattern matches it.
  const auto [folder, name] = split_name(entry->path());
  for (const TailEntryPtr& other : queue_) {
    const auto [its_folder, its_name] = split_name(other->path());
    if (other != entry && other->fresh && its_folder == folder && is_rotated_name(its_name, name)) entry->after = other;
  }
}

bool TailSet::waits_for_copy(TailEntry& entry, std::uint64_t size, Time now) const {
  if (entry.waited_since == Time{} || entry.waited_size != size) {
    entry.waited_size = size;
    entry.waited_since = now;
  }
  return now - entry.waited_since < options_.copy_wait;
}

// A new file under a pattern, open: is it to be read from its start, or is it a copy of what was read already, as copytruncate makes it?
TailSet::Judgement TailSet::judge(const TailEntryPtr& entry, Time now) {
  struct stat status {};
  if (::fstat(entry->file.descriptor().get(), &status) != 0 || status.st_size == 0) return Judgement::wait;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const Result<std::string> first = read_at(entry->file.descriptor(), 0, 16, entry->path());
  if (!first) return Judgement::wait;
  if (const char* packer = packed_with(*first)) {
    entry->packed = true;
    log::warn("agent", "a packed file is left out: only text is read", {{"file", entry->path()}, {"packed_with", packer}});
    return Judgement::leave;
  }
  const auto [folder, name] = split_name(entry->path());
  for (const std::string& earlier : earlier_names(name)) {
    const std::string path = folder + earlier;
    if (const TailEntryPtr original = at_path(path); original && original != entry && open(original)) {
      notice_cut_off(original, now);
      const Judgement judgement = judge_beside(entry, size, original, now);
      if (judgement != Judgement::read || !entry->fresh) return judgement;
    }
    for (const CutOff& cut : cut_off_) {
      if (cut.place.path != path || !open(entry)) continue;
      const Copy copy = is_copy(entry->file.descriptor(), size, cut.place);
      // Lines that were read between the copying and the cutting off.
      const bool nearly = copy == Copy::part && size >= TailPlace::kSampleBytes && size + kReadPastCopy >= cut.place.offset;
      if (nearly && waits_for_copy(*entry, size, now)) return Judgement::wait;
      if (copy == Copy::whole || nearly) {
        entry->file.skip_to(std::min(size, cut.place.offset));
        entry->fresh = false;
        ++changes_;
        return Judgement::read;
      }
    }
  }
  entry->fresh = false;
  return Judgement::read;
}

// Beside an original that is still whole. Its first bytes must be many to prove anything: two logs may begin with the same line.
TailSet::Judgement TailSet::judge_beside(const TailEntryPtr& entry, std::uint64_t size, const TailEntryPtr& original, Time now) {
  if (!open(entry) || !open(original) || original->fresh || original->packed) return Judgement::read;
  struct stat status {};
  if (::fstat(original->file.descriptor().get(), &status) != 0) return Judgement::read;
  constexpr std::uint64_t kSample = TailPlace::kSampleBytes;
  const std::uint64_t least = std::min({kSample, size, static_cast<std::uint64_t>(status.st_size)});
  const auto same = [&](std::uint64_t from, std::uint64_t bytes) {
    const auto here = read_at(entry->file.descriptor(), from, bytes, entry->path());
    const auto there = read_at(original->file.descriptor(), from, bytes, original->path());
    return here && there && *here == *there;
  };
  if (static_cast<std::uint64_t>(status.st_size) < kSample || !same(0, least)) return Judgement::read;
  if (!original->file.at_end() && !original->file.has_partial_line() && original->queued) return Judgement::wait;
  const TailPlace& read = original->file.place();
  if (read.offset < kSample) return Judgement::read;
  const Copy copy = is_copy(entry->file.descriptor(), size, read);
  const bool so_far = copy == Copy::part && same(size - least, least);
  if (so_far && waits_for_copy(*entry, size, now)) return Judgement::wait;
  if (copy == Copy::whole || (so_far && size >= kSample)) {
    log::info("agent", "a copy of a followed file is read only from where that was read to", {{"file", entry->path()}, {"original", original->path()}});
    entry->file.skip_to(std::min(size, read.offset));
    entry->fresh = false;
    ++changes_;
  }
  return Judgement::read;
}

void TailSet::let_go_of_quiet(Time now) {
  std::vector<TailEntryPtr> rotated;
  for (const TailEntryPtr& entry : entries_) {
    if (entry->file.rotated()) rotated.push_back(entry);
  }
  std::sort(rotated.begin(), rotated.end(), [](const auto& a, const auto& b) { return a->file.quiet_since() < b->file.quiet_since(); });
  std::size_t many = rotated.size();
  for (const TailEntryPtr& entry : rotated) {
    const auto grace = many > options_.most_rotated ? std::chrono::milliseconds(0) : options_.rotated;
    if (entry->queued || !entry->file.finished(now, grace)) continue;
    remove(entry);
    --many;
  }
}

void TailSet::let_go_of_unlinked(std::uint64_t at_most) {
  std::vector<std::pair<TailEntryPtr, std::uint64_t>> unlinked;
  std::uint64_t held = 0;
  for (const TailEntryPtr& entry : entries_) {
    if (!entry->file.rotated() || !entry->file.is_open()) continue;
    const std::uint64_t bytes = entry->file.unlinked_bytes();
    if (bytes > 0) unlinked.emplace_back(entry, bytes);
    held += bytes;
  }
  for (const auto& [entry, bytes] : unlinked) {
    if (held <= at_most) return;
    if (!entry->file.at_end()) log::warn("agent", "a deleted file was let go before it was read to its end", {{"file", entry->path()}, {"bytes", bytes}});
    held -= bytes;
    remove(entry);
  }
}

}  // namespace penstock::agent
