#include "agent/descriptor.hpp"

#include <cstring>
#include <filesystem>

namespace penstock::agent {

Error call_error(std::string_view call, const std::string& path) {
  const int code = errno;
  const bool full = code == ENOSPC || code == EDQUOT;
  return {full ? ErrorCode::storage_full : ErrorCode::io_error,
          std::string(call) + " of " + path + " failed: " + std::strerror(code), ""};
}

Result<std::string> read_at(const Descriptor& file, std::uint64_t offset, std::size_t size, const std::string& path) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(file.get(), bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return call_error("reading", path);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

std::string read_small_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  std::string bytes;
  if (!file) return bytes;
  char part[4096];
  while (bytes.size() < (1u << 20)) {
    const ssize_t got = ::read(file.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    bytes.append(part, static_cast<std::size_t>(got));
  }
  return bytes;
}

Result<std::optional<std::string>> read_whole_file(const std::string& path, std::uint64_t most) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file && errno == ENOENT) return std::optional<std::string>();
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return call_error("opening", path);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > most) {
    return Error{ErrorCode::too_large, path + " has " + std::to_string(size) + " bytes, more than the " + std::to_string(most) + " that are read", ""};
  }
  Result<std::string> bytes = read_at(file, 0, size, path);
  if (!bytes) return std::move(bytes).error();
  return std::optional<std::string>(std::move(bytes).value());
}

Result<void> replace_file(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".new";
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file) return call_error("opening", temporary);
    while (!bytes.empty()) {
      const ssize_t wrote = ::write(file.get(), bytes.data(), bytes.size());
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote < 0) return call_error("writing", temporary);
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    }
    if (::fdatasync(file.get()) != 0) return call_error("syncing", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return call_error("renaming", temporary);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory) ::fsync(directory.get());
  return {};
}

Result<void> make_directories(const std::string& path) {
  std::error_code error;
  const bool made = std::filesystem::create_directories(path, error);
  if (error) return Error{ErrorCode::io_error, "making the directory " + path + " failed: " + error.message(), ""};
  if (made && ::chmod(path.c_str(), 0700) != 0) return call_error("chmod", path);
  return {};
}

}  // namespace penstock::agent
