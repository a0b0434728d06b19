#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "agent/descriptor.hpp"
#include "agent/input.hpp"

namespace penstock::agent {
namespace {

constexpr std::chrono::milliseconds kLook{100};  // a signal that comes just before poll() does not end it
constexpr std::size_t kReadAtOnce = 64 << 10;

class DescriptorInput : public Input {
 public:
  DescriptorInput(int descriptor, const StopFlag& stop) : descriptor_(descriptor), stop_(stop) {}

  Result<Got> read(std::string& to, std::chrono::milliseconds patience) override {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!stop_) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      pollfd wanted{descriptor_, POLLIN, 0};
      const int ready = ::poll(&wanted, 1, static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLook).count()));
      if (ready < 0 && errno != EINTR) return failed();
      if (ready > 0) return take(to);
      if (left <= std::chrono::milliseconds(0)) break;
    }
    return Got::nothing;
  }

 private:
  Result<Got> take(std::string& to) {
    const std::size_t before = to.size();
    to.resize(before + kReadAtOnce);
    const ssize_t got = ::read(descriptor_, to.data() + before, kReadAtOnce);
    const int code = errno;
    to.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0) return Got::bytes;
    if (got == 0) return Got::end;
    errno = code;
    if (code == EINTR || code == EAGAIN) return Got::nothing;
    return failed();
  }
  static Error failed() { return {ErrorCode::io_error, std::string("the input cannot be read: ") + std::strerror(errno), ""}; }

  int descriptor_;
  const StopFlag& stop_;
};

class FileInput : public Input {
 public:
  FileInput(Descriptor file, std::string path, const StopFlag& stop) : file_(std::move(file)), path_(std::move(path)), input_(file_.get(), stop) {}

  Result<Got> read(std::string& to, std::chrono::milliseconds patience) override {
    Result<Got> got = input_.read(to, patience);
    if (!got) return Error{got.error().code, path_ + ": " + got.error().message, ""};
    return got;
  }

 private:
  Descriptor file_;
  std::string path_;
  DescriptorInput input_;
};

}  // namespace

Result<std::unique_ptr<Input>> open_file_input(const std::string& path, const StopFlag& stop) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return Error{ErrorCode::io_error, path + " cannot be opened: " + std::strerror(errno), ""};
  if (S_ISDIR(status.st_mode)) return Error{ErrorCode::io_error, path + " is a folder: name the files in it", ""};
  return std::unique_ptr<Input>(new FileInput(std::move(file), path, stop));
}

std::unique_ptr<Input> make_descriptor_input(int descriptor, const StopFlag& stop) { return std::make_unique<DescriptorInput>(descriptor, stop); }

}  // namespace penstock::agent
