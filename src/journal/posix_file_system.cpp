#include "journal/posix_file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace penstock::journal {
namespace {

Error failure(const char* what, const std::string& path, int number = errno) {
  const bool full = number == ENOSPC || number == EDQUOT;
  std::string message = std::string(what) + " " + path + ": " + std::strerror(number);
  return Error{full ? ErrorCode::storage_full : ErrorCode::io_error, std::move(message), ""};
}

Result<void> check(int result, const char* what, const std::string& path) {
  return result == 0 ? Result<void>() : Result<void>(failure(what, path));
}

class PosixFile final : public File {
 public:
  PosixFile(int descriptor, std::string path) : fd_(descriptor), path_(std::move(path)) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<void> write_at(std::uint64_t offset, std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t done = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return failure("Cannot write", path_);
      if (done == 0) return failure("Cannot write", path_, EIO);
      bytes = bytes.subspan(static_cast<std::size_t>(done));
      offset += static_cast<std::uint64_t>(done);
    }
    return {};
  }

  Result<std::size_t> read_at(std::uint64_t offset, std::span<std::byte> bytes) const override {
    std::size_t total = 0;
    while (total < bytes.size()) {
      const ssize_t done = ::pread(fd_, bytes.data() + total, bytes.size() - total, static_cast<off_t>(offset + total));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return failure("Cannot read", path_);
      if (done == 0) break;
      total += static_cast<std::size_t>(done);
    }
    return total;
  }

  Result<void> sync_data() override { return check(::fdatasync(fd_), "Cannot sync", path_); }

  Result<void> allocate(std::uint64_t size) override {
    // It returns its error and leaves errno alone.
    int number = 0;
    do number = ::posix_fallocate(fd_, 0, static_cast<off_t>(size));
    while (number == EINTR);
    return number == 0 ? Result<void>() : Result<void>(failure("Cannot allocate", path_, number));
  }

  Result<void> truncate(std::uint64_t size) override {
    return check(::ftruncate(fd_, static_cast<off_t>(size)), "Cannot truncate", path_);
  }

  Result<std::uint64_t> size() const override {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) return failure("Cannot look at", path_);
    return static_cast<std::uint64_t>(status.st_size);
  }

  int descriptor() const { return fd_; }

 private:
  const int fd_;
  const std::string path_;
};

Result<std::unique_ptr<PosixFile>> open_file(const std::string& path, int flags) {
  int descriptor = -1;
  do descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  while (descriptor < 0 && errno == EINTR);
  if (descriptor < 0) return failure("Cannot open", path);
  return std::make_unique<PosixFile>(descriptor, path);
}

Result<std::unique_ptr<File>> as_file(Result<std::unique_ptr<PosixFile>> file) {
  if (!file) return std::move(file).error();
  return std::unique_ptr<File>(std::move(file).value());
}

}  // namespace

Result<std::unique_ptr<File>> PosixFileSystem::create(const std::string& path) {
  return as_file(open_file(path, O_RDWR | O_CREAT | O_EXCL));
}

Result<std::unique_ptr<File>> PosixFileSystem::open(const std::string& path) {
  return as_file(open_file(path, O_RDWR));
}

Result<std::unique_ptr<File>> PosixFileSystem::open_read(const std::string& path) {
  return as_file(open_file(path, O_RDONLY));
}

Result<std::unique_ptr<File>> PosixFileSystem::lock(const std::string& path) {
  auto file = open_file(path, O_RDWR | O_CREAT);
  if (!file) return std::move(file).error();
  if (::flock((*file)->descriptor(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure("Cannot lock", path);
    return Error{ErrorCode::conflict, path + " is held by another process: stop it, or use a directory of your own.", ""};
  }
  return as_file(std::move(file));
}

Result<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
  return check(::rename(from.c_str(), to.c_str()), "Cannot rename", from);
}

Result<void> PosixFileSystem::remove(const std::string& path) {
  return check(::unlink(path.c_str()), "Cannot remove", path);
}

Result<void> PosixFileSystem::make_directories(const std::string& path) {
  for (std::size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return failure("Cannot make the directory", part);
    if (slash == std::string::npos) break;
  }
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return failure("Not a directory:", path, ENOTDIR);
  return {};
}

Result<void> PosixFileSystem::sync_directory(const std::string& path) {
  auto directory = open_file(path, O_RDONLY | O_DIRECTORY);
  if (!directory) return std::move(directory).error();
  return check(::fsync((*directory)->descriptor()), "Cannot sync the directory", path);
}

Result<std::vector<std::string>> PosixFileSystem::list(const std::string& path) const {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator at(path, error);
  const std::filesystem::directory_iterator end;
  while (!error && at != end) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) names.push_back(at->path().filename().string());
    at.increment(error);
  }
  if (error) return failure("Cannot list", path, error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::uint64_t> PosixFileSystem::free_bytes(const std::string& path) const {
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) != 0) return failure("Cannot look at the disk of", path);
  return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

bool PosixFileSystem::exists(const std::string& path) const { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace penstock::journal
