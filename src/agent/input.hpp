// Where `penstock send` gets its bytes. A port of this room, so that tests need no descriptor and no waiting.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/stop_flag.hpp"
#include "penstock/core/result.hpp"

namespace penstock::agent {

// One thread.
class Input {
 public:
  enum class Got { bytes, nothing, end };

  virtual ~Input() = default;
  // Waits for bytes, at most for `patience`, and appends those that are there. nothing: none came in all that time, or the work is to end.
  // io_error: it cannot be read.
  virtual Result<Got> read(std::string& to, std::chrono::milliseconds patience) = 0;
};

// A descriptor, which stays the caller's. Waiting ends soon after `stop` is set.
std::unique_ptr<Input> make_descriptor_input(int descriptor, const StopFlag& stop);

// A file or named pipe. io_error: it cannot be opened, or is a folder.
Result<std::unique_ptr<Input>> open_file_input(const std::string& path, const StopFlag& stop);

}  // namespace penstock::agent
