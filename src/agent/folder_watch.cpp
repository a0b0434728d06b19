#include "agent/folder_watch.hpp"

#include <sys/inotify.h>
#include <sys/statfs.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace penstock::agent {
namespace {

constexpr std::uint32_t kWanted = IN_CREATE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

// Written by other machines, or by a program that tells the kernel nothing: NFS, SMB, FUSE, 9P, Ceph, AFS, Coda, VirtualBox.
bool tells_all_changes(const char* folder) {
  struct statfs system {};
  if (::statfs(folder, &system) != 0) return false;
  constexpr std::uint32_t kSilent[] = {0x6969, 0xFF534D42, 0xFE534D42, 0x517B, 0x65735546, 0x01021997, 0x00C36400, 0x5346414F, 0x73757245, 0x786F4256};
  return std::find(std::begin(kSilent), std::end(kSilent), static_cast<std::uint32_t>(system.f_type)) == std::end(kSilent);
}

}  // namespace

FolderWatch::FolderWatch(bool wanted) {
  if (wanted) inotify_ = Descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

bool FolderWatch::add(const std::string& folder) {
  if (!inotify_) return false;
  const char* path = folder.empty() ? "." : folder.c_str();
  const int watch = ::inotify_add_watch(inotify_.get(), path, kWanted | IN_ONLYDIR);
  if (watch < 0) return false;
  if (!tells_all_changes(path)) return false;
  std::vector<std::string>& spellings = folders_[watch];
  if (std::find(spellings.begin(), spellings.end(), folder) == spellings.end()) spellings.push_back(folder);
  return true;
}

bool FolderWatch::drain(const std::function<void(const Event&)>& take) {
  bool whole = true;
  alignas(inotify_event) char bytes[16 << 10];
  while (inotify_) {
    const ssize_t got = ::read(inotify_.get(), bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, bytes + at, offsetof(inotify_event, name));
      const char* name = bytes + at + offsetof(inotify_event, name);
      at += offsetof(inotify_event, name) + event.len;
      if ((event.mask & (IN_Q_OVERFLOW | IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
        whole = false;
        if ((event.mask & IN_IGNORED) != 0) folders_.erase(event.wd);
        continue;
      }
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end() || event.len == 0) continue;
      for (const std::string& spelling : folder->second) take({spelling + name, (event.mask & IN_ISDIR) != 0});
    }
  }
  return whole;
}

}  // namespace penstock::agent
