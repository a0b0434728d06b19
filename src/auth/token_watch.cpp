#include "auth/token_watch.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <tuple>
#include <utility>

#include "base/named_thread.hpp"

namespace penstock::auth {
namespace {

constexpr int kLookEvery = 1000;  // ms: also where the kernel tells, for a folder that others write to

// Another one when the file is another one, was written, or is gone.
std::tuple<std::uint64_t, std::int64_t, std::int64_t, std::int64_t> mark_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size, status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
}

}  // namespace

TokenWatch::TokenWatch(const std::string& path, std::function<void()> changed)
    : wake_(::eventfd(0, EFD_CLOEXEC)), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  ::inotify_add_watch(inotify_, folder.empty() ? "." : folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB);
  thread_ = named_thread("token-watch", [this, path, changed = std::move(changed), mark = mark_of(path)]() mutable {
    for (;;) {
      pollfd waited[] = {{wake_, POLLIN, 0}, {inotify_, POLLIN, 0}};
      ::poll(waited, 2, kLookEvery);
      if (waited[0].revents != 0) return;
      char events[4096];
      while (::read(inotify_, events, sizeof events) > 0) {
      }
      if (const auto now = mark_of(path); now != mark) {
        mark = now;
        changed();
      }
    }
  });
}

TokenWatch::~TokenWatch() {
  const std::uint64_t one = 1;
  // Cannot fail: the counter is far from full.
  [[maybe_unused]] const ssize_t wrote = ::write(wake_, &one, sizeof one);
  thread_.join();
  for (const int descriptor : {wake_, inotify_}) {
    if (descriptor >= 0) ::close(descriptor);
  }
}

}  // namespace penstock::auth
