#include "postgres/running_server.hpp"

#include <signal.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "postgres/connection_string.hpp"
#include "postgres/server_directory.hpp"

namespace penstock::postgres {
namespace {

// Lines of postmaster.pid, counted from 1.
constexpr int kPidLine = 1, kPortLine = 4, kSocketLine = 5;

}  // namespace

std::optional<std::string> running_server_url(const std::string& directory) {
  std::ifstream file(directory + "/data/postmaster.pid");
  std::string line, port, socket;
  pid_t pid = 0;
  for (int number = 1; number <= kSocketLine && std::getline(file, line); ++number) {
    if (number == kPidLine) pid = std::atoi(line.c_str());
    if (number == kPortLine) port = line;
    if (number == kSocketLine) socket = line;
  }
  if (pid <= 0 || socket.empty() || (kill(pid, 0) != 0 && errno != EPERM)) return std::nullopt;
  std::string url;
  append_setting(url, "host", socket);
  append_setting(url, "port", port);
  append_setting(url, "user", kRole);
  append_setting(url, "dbname", kDatabase);
  return url;
}

}  // namespace penstock::postgres
