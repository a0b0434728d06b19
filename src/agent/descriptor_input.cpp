#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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

}  // namespace

std::unique_ptr<Input> make_descriptor_input(int descriptor, const StopFlag& stop) { return std::make_unique<DescriptorInput>(descriptor, stop); }

}  // namespace penstock::agent
