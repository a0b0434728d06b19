#include "base/secret_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

namespace penstock {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }

 private:
  const int fd_;
};

Error failed(std::string_view what, const std::string& path) {
  const std::string reason = std::strerror(errno);
  return {ErrorCode::io_error, "Cannot " + std::string(what) + " " + path + ": " + reason + ". Check who owns the data directory.", ""};
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> sync_directory_of(const std::string& path) {
  std::string directory = std::filesystem::path(path).parent_path().string();
  if (directory.empty()) directory = ".";
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.open() || ::fsync(opened.get()) != 0) return failed("sync", directory);
  return {};
}

}  // namespace

Result<std::optional<std::string>> read_secret_file(const std::string& path, std::size_t at_most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) {
    if (errno == ENOENT) return std::optional<std::string>();
    return failed("read", path);
  }
  std::string content(at_most, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  content.resize(size);
  return std::optional<std::string>(std::move(content));
}

Result<void> write_secret_file(const std::string& path, std::string_view content, unsigned mode) {
  const std::string temporary = path + ".new";
  // What an interrupted write left behind; O_EXCL below keeps us from writing through somebody's link.
  if (::unlink(temporary.c_str()) != 0 && errno != ENOENT) return failed("replace", temporary);
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!file.open() || !write_all(file.get(), content) || ::fsync(file.get()) != 0) return failed("write", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed("rename", temporary);
  return sync_directory_of(path);
}

}  // namespace penstock
