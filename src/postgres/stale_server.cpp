#include "postgres/stale_server.hpp"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/log.hpp"

namespace penstock::postgres {
namespace {

constexpr int kStatusLine = 8;

// A postmaster works in its cluster's directory.
bool works_in(int pid, const std::string& data) {
  std::array<char, 4096> target{};
  const auto size = readlink(("/proc/" + std::to_string(pid) + "/cwd").c_str(), target.data(), target.size());
  return size > 0 && std::string(target.data(), static_cast<std::size_t>(size)) == data;
}

bool gone_within(int pid, const std::string& data, std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (works_in(pid, data)) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace

PostmasterFile read_postmaster_file(const std::string& data) {
  std::ifstream file(data + "/postmaster.pid");
  PostmasterFile said;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    if (number == 1) said.pid = std::atoi(line.c_str());
    if (number == kStatusLine) said.ready = line.starts_with("ready");
  }
  return said;
}

Result<void> end_stale_server(const std::string& data, std::chrono::milliseconds at_most) {
  const int pid = read_postmaster_file(data).pid;
  if (pid <= 0) return {};
  if (!works_in(pid, data)) {
    // With nobody under this number the server itself cleans up, and checks more than we could.
    if (kill(pid, 0) == 0 || errno == EPERM) unlink((data + "/postmaster.pid").c_str());
    return {};
  }
  log::warn("postgres", "ending a private database that an earlier run left behind", {{"pid", pid}});
  kill(pid, SIGINT);
  if (gone_within(pid, data, at_most)) return {};
  kill(pid, SIGQUIT);
  if (gone_within(pid, data, std::chrono::seconds(5))) return {};
  return Error{ErrorCode::conflict, "A Postgres (process " + std::to_string(pid) + ") still runs on " + data +
               " and does not end: stop it.", ""};
}

}  // namespace penstock::postgres
