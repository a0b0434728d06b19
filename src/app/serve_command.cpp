#include "app/serve_command.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <iostream>

#include "app/application.hpp"
#include "app/system_notify.hpp"
#include "base/log.hpp"

namespace penstock::app {
namespace {

// As it can be typed where the program is not on the PATH.
std::string this_program() {
  std::error_code problem;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", problem);
  return problem ? "penstock" : program.string();
}

void announce(const Application& application, const config::Config& config) {
  const std::string address = application.address();
  std::cout << "Penstock is listening on " << address << '\n';
  const std::string& token = application.new_admin_token();
  const std::string another = this_program() + " token create --data-dir " + config.data_dir;
  if (!token.empty()) {
    std::cout << "\nThe first administrator's token, shown this once (a new one: " << another << "):\n\n  " << token << "\n";
  } else if (config.auth.admin_token.empty() && config.auth.bootstrap) {
    std::cout << "\nTOKEN below is the one shown at the first start (a new one: " << another << ").\n";
  }
  if (const std::string& key = application.new_key_file(); !key.empty()) {
    std::cout << "\nWhat is stored here is sealed with the key in " << key
              << ". Keep a copy of that file elsewhere: without it nobody can read the data, you included.\n";
  }
  std::cout << "\nOpen " << address << " in a browser, or send a record:\n\n  curl -H 'Authorization: Bearer "
            << (token.empty() ? "TOKEN" : token) << "' -d '{\"message\": \"hello\", \"severity\": \"INFO\"}' "
            << address << "/api/v1/logs\n"
            << std::endl;
}

// glibc keeps an arena a thread and raises its thresholds by itself: measured here, 156 MiB instead of 58 after the
// same load and queries (tests/integration/test_memory.py). One arena, and large blocks given back at once, keep the
// promise.
void keep_memory_small() {
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
}

// It would hold keys and records as they are, in a file that nobody thinks of.
void leave_no_core_dump() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

}  // namespace

int serve(const config::Config& config) {
  // Every thread inherits this mask, so these signals come to sigwait below and to nobody else.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  umask(0077);
  keep_memory_small();
  if (config.seal.cipher != "none") leave_no_core_dump();

  log::set_level(config.log.level);
  log::set_json(config.log.json);

  Application application(config);
  if (auto started = application.start(); !started) {
    std::cerr << "penstock: " << full_text(started.error()) << std::endl;
    return 1;
  }
  announce(application, config);
  system_notify("READY=1");

  for (;;) {
    int signal = 0;
    sigwait(&signals, &signal);
    if (signal != SIGHUP) break;
    application.reload();
  }
  system_notify("STOPPING=1");
  application.stop();
  if (const auto failure = application.failure()) {
    std::cerr << "penstock: " << full_text(*failure) << std::endl;
    return 1;
  }
  return 0;
}

}  // namespace penstock::app
