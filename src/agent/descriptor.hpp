// A file descriptor that closes itself, and the few calls that the agent makes on files.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "penstock/core/result.hpp"

namespace penstock::agent {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~Descriptor() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

// The Error of a failed call: storage_full for a full disk, else io_error.
Error call_error(std::string_view call, const std::string& path);
// Up to `size` bytes from `offset`, fewer at the end; the file's place does not move.
Result<std::string> read_at(const Descriptor& file, std::uint64_t offset, std::size_t size, const std::string& path);
// A whole small file; empty when it is absent or cannot be read. At most 1 MiB.
std::string read_small_file(const std::string& path);
// A whole file, nothing when it is absent. too_large: it has more than `most` bytes; io_error.
Result<std::optional<std::string>> read_whole_file(const std::string& path, std::uint64_t most);
// Writes a file so that after a crash it holds the old bytes or the new: temporary name, fdatasync, rename, fsync of the directory.
Result<void> replace_file(const std::string& path, std::string_view bytes);
// mkdir -p; mode 0700 when the folder was not there, else its mode stays.
Result<void> make_directories(const std::string& path);

}  // namespace penstock::agent
