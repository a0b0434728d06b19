#include "journal/damage_log.hpp"

#include <algorithm>
#include <cstdio>
#include <span>

#include "base/log.hpp"

namespace penstock::journal {
namespace {

constexpr std::uint64_t kQuarantineBytes = 64u << 20;  // of one damaged stretch
constexpr std::size_t kCopyBytes = 64u << 10;

}  // namespace

DamageLog::DamageLog(FileSystem& files, std::string directory, Counter& lost_records)
    : files_(files), directory_(std::move(directory) + "/quarantine"), lost_counter_(lost_records) {}

void DamageLog::lost(const Place& place, const File* file, Sequence from, Sequence to) {
  std::uint64_t fresh = 0;
  {
    std::lock_guard lock(mutex_);
    fresh = add(from, to);
    lost_ += fresh;
    if (fresh != 0 && file != nullptr && place.bytes != 0) quarantine(place, *file);
  }
  if (fresh == 0) return;
  lost_counter_.add(fresh);
  log::error("journal", "Records of the journal are damaged and lost; the bytes are kept in quarantine",
             {{"records", fresh}, {"from", from}, {"to", to - 1}, {"segment", place.segment}, {"offset", place.offset}});
}

std::uint64_t DamageLog::lost_records() const {
  std::lock_guard lock(mutex_);
  return lost_;
}

std::uint64_t DamageLog::add(Sequence from, Sequence to) {
  std::uint64_t known = 0;
  Sequence begin = from, end = to;
  auto at = ranges_.upper_bound(from);
  if (at != ranges_.begin() && std::prev(at)->second >= from) --at;
  while (at != ranges_.end() && at->first <= to) {
    const Sequence low = std::max(from, at->first), high = std::min(to, at->second);
    if (high > low) known += high - low;
    begin = std::min(begin, at->first);
    end = std::max(end, at->second);
    at = ranges_.erase(at);
  }
  ranges_[begin] = end;
  return to - from - known;
}

// Best effort: failing to keep the bytes must not stop the reading.
void DamageLog::quarantine(const Place& place, const File& file) {
  if (!files_.make_directories(directory_)) return;
  char name[64];
  std::snprintf(name, sizeof name, "/%016llx-%llu.damaged", static_cast<unsigned long long>(place.segment),
                static_cast<unsigned long long>(place.offset));
  auto copy = files_.create(directory_ + name);
  if (!copy) return;
  std::string buffer(kCopyBytes, '\0');
  const std::uint64_t size = std::min(place.bytes, kQuarantineBytes);
  for (std::uint64_t done = 0; done < size; done += kCopyBytes) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(kCopyBytes, size - done));
    const auto part = std::as_writable_bytes(std::span(buffer)).first(wanted);
    const auto got = file.read_at(place.offset + done, part);
    if (!got || *got == 0) break;
    if (!(*copy)->write_at(done, part.first(*got))) return;
  }
  if ((*copy)->sync_data() && files_.sync_directory(directory_)) return;
  log::warn("journal", "Damaged bytes could not be put into quarantine", {{"file", directory_ + name}});
}

}  // namespace penstock::journal
