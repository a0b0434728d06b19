// Starts a program: as another user if asked, tied to our life, its output in a pipe.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "penstock/core/result.hpp"

namespace penstock::postgres {

// Whom a child runs as.
struct Identity {
  uid_t user = 0;
  gid_t group = 0;
  std::string name;
};

// An open file descriptor; closed with the object.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  int get() const { return number_; }

 private:
  int number_;
};

struct Child {
  pid_t pid = 0;
  Descriptor output;  // what it writes to standard output and error; non-blocking
};

// `arguments[0]` is the program's path. It starts in `directory`, with a bare environment, no open files but standard
// ones, and signals as usual. When the calling thread ends (or the whole process is killed) it receives `death_signal`,
// unless that is 0. `environment`: "NAME=value", before what every child gets. Errors: io_error, with what the child could not do.
Result<Child> start_child(const std::vector<std::string>& arguments, const std::optional<Identity>& identity,
                          const std::string& directory, int death_signal,
                          const std::vector<std::string>& environment = {});

// Runs a program to its end; returns its output. io_error with the output's last line when it fails or takes longer.
Result<std::string> run_child(const std::vector<std::string>& arguments, const std::optional<Identity>& identity,
                              const std::string& directory, std::chrono::milliseconds at_most,
                              const std::vector<std::string>& environment = {});

}  // namespace penstock::postgres
