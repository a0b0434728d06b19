#include "agent/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <ctime>

#include "base/log.hpp"

namespace penstock::agent {
namespace {

// For the connection, name resolution, certificates, the spool, the state, sensors and standard streams.
constexpr std::size_t kReserve = 20;
constexpr std::size_t kLeast = 3;

std::size_t by_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return 65'536;
  return std::max<std::size_t>(files.rlim_cur, kReserve + kLeast) - kReserve;
}

// The name that an open file has now; what it was opened by when that cannot be told.
std::string present_name(const Descriptor& file, const std::string& otherwise) {
  char name[4096];
  const ssize_t length = ::readlink(("/proc/self/fd/" + std::to_string(file.get())).c_str(), name, sizeof name);
  return length > 0 && static_cast<std::size_t>(length) < sizeof name ? std::string(name, static_cast<std::size_t>(length)) : otherwise;
}

}  // namespace

FileStamp FileStamp::of(const struct stat& status) {
  const auto ns = [](const timespec& time) { return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec; };
  return {static_cast<std::uint64_t>(status.st_size), ns(status.st_mtim), ns(status.st_ctim)};
}

bool FileStamp::recent() const {
  constexpr std::int64_t kCoarsest = 2;  // seconds, of FAT
  return modified_ns / 1'000'000'000 + kCoarsest >= ::time(nullptr);
}

OpenFiles::OpenFiles(std::size_t most) : most_(most == 0 ? by_limit() : std::max(most, kLeast)) {}

OpenFiles::Opened OpenFiles::open(TailEntry& entry) {
  if (entry.file.is_open()) {
    open_.splice(open_.end(), open_, entry.use);
    return Opened::yes;
  }
  while (open_.size() >= most_ && close_oldest(entry)) {
  }
  Descriptor file;
  for (;;) {
    file = Descriptor(::open(entry.location.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file) break;
    const bool none_left = errno == EMFILE || errno == ENFILE;
    if (!none_left) return errno == ENOENT || errno == ENOTDIR ? Opened::elsewhere : Opened::unreadable;
    if (!close_oldest(entry)) return Opened::no_descriptor;
    most_ = std::max(kLeast, std::min(most_, open_.size() + 1));
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return Opened::unreadable;
  if (id_of(status) != entry.file.place().id()) return Opened::elsewhere;
  entry.file.open(std::move(file));
  entry.use = open_.insert(open_.end(), &entry);
  return Opened::yes;
}

void OpenFiles::close(TailEntry& entry) {
  if (!entry.file.is_open()) return;
  open_.erase(entry.use);
  entry.file.close();
}

void OpenFiles::hand_over(TailEntry& from, TailEntry& to) {
  to.file.open(from.file.release());
  to.use = from.use;
  *to.use = &to;
}

// One that has no name any more cannot be opened again: it goes last.
bool OpenFiles::close_oldest(const TailEntry& except) {
  TailEntry* nameless = nullptr;
  for (TailEntry* entry : open_) {
    if (entry == &except) continue;
    struct stat status {};
    if (::fstat(entry->file.descriptor().get(), &status) == 0 && status.st_nlink == 0) {
      if (nameless == nullptr) nameless = entry;
      continue;
    }
    entry->location = present_name(entry->file.descriptor(), entry->location);
    close(*entry);
    return true;
  }
  if (nameless == nullptr) return false;
  if (!nameless->file.at_end()) {
    log::warn("agent", "a deleted file was let go before it was read to its end: too few descriptors", {{"file", nameless->path()}});
  }
  close(*nameless);
  return true;
}

}  // namespace penstock::agent
