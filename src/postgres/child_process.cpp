#include "postgres/child_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace penstock::postgres {
namespace {

// What a child tells when it cannot become the program.
struct Trouble {
  enum Step : int { become_user, enter_directory, execute } step = execute;
  int number = 0;
};

const char* to_text(Trouble::Step step) {
  switch (step) {
    case Trouble::become_user: return "become the system user";
    case Trouble::enter_directory: return "enter the directory";
    case Trouble::execute: return "run the program";
  }
  return "";
}

struct Plan {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const Identity* identity;
  const char* directory;
  int death_signal;
  pid_t parent;
  int output, trouble;
};

// Between fork and exec in a process with threads: only async-signal-safe calls, and the bare system calls for
// identity, because the C library's would wait for the other threads.
[[noreturn]] void become(const Plan& plan) {
  const auto give_up = [&plan](Trouble::Step step) {
    const Trouble trouble{step, errno};
    const auto ignored = write(plan.trouble, &trouble, sizeof trouble);
    (void)ignored;
    _exit(127);
  };
  if (plan.identity != nullptr) {
    if (syscall(SYS_setgroups, 0, nullptr) != 0 || syscall(SYS_setgid, plan.identity->group) != 0 ||
        syscall(SYS_setuid, plan.identity->user) != 0) {
      give_up(Trouble::become_user);
    }
  }
  // After the change of user, which clears it.
  if (plan.death_signal != 0) {
    prctl(PR_SET_PDEATHSIG, plan.death_signal);
    if (getppid() != plan.parent) _exit(0);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    sigaction(signal, &usual, nullptr);
  }
  umask(077);
  if (chdir(plan.directory) != 0) give_up(Trouble::enter_directory);
  const int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  dup2(plan.output, STDOUT_FILENO);
  dup2(plan.output, STDERR_FILENO);
  // Close-on-exec, so that the pipe for troubles stays usable until then.
  syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
  execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  give_up(Trouble::execute);
  _exit(127);
}

Result<std::pair<Descriptor, Descriptor>> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) {
    return Error{ErrorCode::io_error, std::string("No pipe can be made: ") + std::strerror(errno) + ".", ""};
  }
  return std::pair(Descriptor(ends[0]), Descriptor(ends[1]));
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) close(number_);
}

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

Result<Child> start_child(const std::vector<std::string>& arguments, const std::optional<Identity>& identity,
                          const std::string& directory, int death_signal,
                          const std::vector<std::string>& environment) {
  auto output = make_pipe();
  auto trouble = make_pipe();
  if (!output) return output.error();
  if (!trouble) return trouble.error();
  std::vector<std::string> words = arguments;
  std::vector<std::string> settings = environment;
  for (const char* usual : {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/"}) settings.emplace_back(usual);
  Plan plan{{}, {}, identity ? &*identity : nullptr, directory.c_str(), death_signal, getpid(), output->second.get(),
            trouble->second.get()};
  for (auto& word : words) plan.arguments.push_back(word.data());
  plan.arguments.push_back(nullptr);
  for (auto& setting : settings) plan.environment.push_back(setting.data());
  plan.environment.push_back(nullptr);

  const pid_t pid = fork();
  if (pid == 0) become(plan);
  if (pid < 0) {
    return Error{ErrorCode::io_error, std::string("No process can be started: ") + std::strerror(errno) + ".", ""};
  }
  output->second = Descriptor();
  trouble->second = Descriptor();
  Trouble what;
  ssize_t got = 0;
  while ((got = read(trouble->first.get(), &what, sizeof what)) < 0 && errno == EINTR) {
  }
  if (got == static_cast<ssize_t>(sizeof what)) {
    waitpid(pid, nullptr, 0);
    return Error{ErrorCode::io_error,
                 arguments.front() + ": cannot " + to_text(what.step) +
                     (what.step == Trouble::become_user ? " " + identity->name : std::string()) +
                     (what.step == Trouble::enter_directory ? " " + directory : std::string()) + ": " +
                         std::strerror(what.number) + ".",
                 ""};
  }
  fcntl(output->first.get(), F_SETFL, O_NONBLOCK);
  return Child{pid, std::move(output->first)};
}

Result<std::string> run_child(const std::vector<std::string>& arguments, const std::optional<Identity>& identity,
                              const std::string& directory, std::chrono::milliseconds at_most,
                              const std::vector<std::string>& environment) {
  auto child = start_child(arguments, identity, directory, SIGKILL, environment);
  if (!child) return child.error();
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  std::string text;
  bool late = false;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd ready{child->output.get(), POLLIN, 0};
    if (left <= 0 || poll(&ready, 1, static_cast<int>(left)) == 0) {
      kill(child->pid, SIGKILL);
      late = true;
      break;
    }
    std::array<char, 4096> piece{};
    const ssize_t got = read(child->output.get(), piece.data(), piece.size());
    if (got == 0) break;
    if (got > 0) text.append(piece.data(), static_cast<std::size_t>(got));
  }
  int status = 0;
  waitpid(child->pid, &status, 0);
  if (!late && WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::string last = text.substr(text.rfind('\n') + 1);
  return Error{ErrorCode::io_error,
               arguments.front() + (late ? " took too long" : " failed") + (last.empty() ? "" : ": " + last) + ".", ""};
}

}  // namespace penstock::postgres
