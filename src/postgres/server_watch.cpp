#include "postgres/server_watch.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <future>

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "base/named_thread.hpp"
#include "postgres/connection_string.hpp"
#include "postgres/stale_server.hpp"

namespace penstock::postgres {
namespace {

// A server that ran for so long has recovered; the next launch waits the shortest time again.
constexpr std::chrono::seconds kHealthy{60};
// How soon the end of the server is noticed.
constexpr int kLookMs = 100;
constexpr std::size_t kLongestLine = 4096;

std::string connection_url(const ServerDirectory& directory) {
  std::string url;
  append_setting(url, "host", directory.socket());
  append_setting(url, "port", kPort);
  append_setting(url, "user", kRole);
  append_setting(url, "dbname", kDatabase);
  return url;
}

}  // namespace

ServerWatch::ServerWatch(ServerOptions options, ServerDirectory directory)
    : options_(std::move(options)), directory_(std::move(directory)), url_(connection_url(directory_)),
      patience_(options_.stop_timeout), stop_event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

ServerWatch::~ServerWatch() { stop(); }

std::vector<std::string> ServerWatch::arguments() const {
  const auto mb = [](std::uint32_t size) { return std::to_string(size) + "MB"; };
  std::vector<std::pair<std::string, std::string>> settings = {
      {"listen_addresses", ""},
      {"port", kPort},
      {"unix_socket_directories", directory_.socket()},
      {"unix_socket_permissions", "0700"},
      {"hba_file", directory_.hba_file()},
      {"ident_file", directory_.ident_file()},
      {"max_connections", std::to_string(options_.max_connections)},
      {"shared_buffers", mb(options_.shared_buffers_mb)},
      {"work_mem", std::to_string(options_.work_mem_kb) + "kB"},
      {"maintenance_work_mem", "16MB"},
      {"autovacuum_work_mem", "8MB"},
      {"temp_buffers", "1MB"},
      {"wal_buffers", "1MB"},
      {"effective_cache_size", "128MB"},
      {"huge_pages", "off"},
      {"jit", "off"},
      {"max_parallel_workers_per_gather", "0"},
      {"max_parallel_maintenance_workers", "0"},
      {"max_worker_processes", "2"},
      {"max_wal_senders", "2"},
      {"max_logical_replication_workers", "0"},
      // A partition has a handful of locks, and a query may touch the partitions of years.
      {"max_locks_per_transaction", "512"},
      {"max_wal_size", mb(options_.max_wal_mb)},
      {"min_wal_size", "32MB"},
      {"wal_compression", "on"},
      {"checkpoint_timeout", "15min"},
      {"checkpoint_completion_target", "0.9"},
      {"autovacuum_max_workers", "1"},
      {"autovacuum_naptime", "5min"},
      {"autovacuum_vacuum_cost_delay", "10ms"},
      {"bgwriter_delay", "1s"},
      {"wal_writer_delay", "1s"},
      {"track_activity_query_size", "256"},
      // Statements may carry what users sent: they do not belong in a log.
      {"logging_collector", "off"},
      {"log_destination", "stderr"},
      {"log_line_prefix", ""},
      {"log_min_messages", "warning"},
      {"log_min_error_statement", "panic"},
      {"log_error_verbosity", "terse"},
      {"log_checkpoints", "off"},
      {"lc_messages", "C"},
  };
  for (const auto& setting : options_.settings) settings.push_back(setting);
  std::vector<std::string> words = {directory_.binaries().directory + "/postgres", "-D", directory_.data()};
  for (const auto& [key, value] : settings) {
    words.push_back("-c");
    words.push_back(key + "=" + value);
  }
  return words;
}

Result<void> ServerWatch::start() {
  std::promise<Result<void>> first;
  auto launched = first.get_future();
  thread_ = named_thread("postgres-watch", [this, &first] {
    auto child = launch();
    if (!child) {
      first.set_value(child.error());
      return;
    }
    first.set_value({});
    attend(*std::move(child));
    run();
  });
  auto result = launched.get();
  if (!result) thread_.join();
  return result;
}

void ServerWatch::stop(std::chrono::milliseconds at_most) {
  if (!thread_.joinable()) return;
  patience_.store(std::min(at_most, options_.stop_timeout));
  stopping_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  const auto ignored = write(stop_event_.get(), &one, sizeof one);
  (void)ignored;
  thread_.join();
  directory_.remove_socket_directory();
}

Result<Child> ServerWatch::launch() {
  if (auto ended = directory_.end_stale(options_.stop_timeout); !ended) return ended.error();
  auto child = start_child(arguments(), directory_.identity(), directory_.data(), SIGINT);
  if (!child) return child.error();
  {
    std::lock_guard lock(mutex_);
    complaint_.clear();
  }
  launches_.fetch_add(1, std::memory_order_relaxed);
  pid_.store(child->pid, std::memory_order_release);
  return child;
}

void ServerWatch::run() {
  Backoff backoff(std::chrono::milliseconds(200), std::chrono::milliseconds(30'000),
                  static_cast<std::uint64_t>(getpid()));
  while (!stopping_.load(std::memory_order_acquire)) {
    log::error("postgres", "the private database ended; starting it again", {{"said", last_complaint()}});
    if (wait(backoff.next())) return;
    auto child = launch();
    if (!child) {
      log::error("postgres", "the private database cannot be started", {{"error", child.error().message}});
      continue;
    }
    const auto since = std::chrono::steady_clock::now();
    attend(*std::move(child));
    if (std::chrono::steady_clock::now() - since > kHealthy) backoff.reset();
  }
}

void ServerWatch::attend(Child child) {
  std::string buffer;
  while (true) {
    std::array<pollfd, 2> watched = {pollfd{child.output.get(), POLLIN, 0}, pollfd{stop_event_.get(), POLLIN, 0}};
    poll(watched.data(), watched.size(), kLookMs);
    std::array<char, 4096> piece{};
    const ssize_t got = read(child.output.get(), piece.data(), piece.size());
    if (got > 0) buffer.append(piece.data(), static_cast<std::size_t>(got));
    pass_on(buffer);
    if (stopping_.load(std::memory_order_acquire)) {
      end(child.pid);
      break;
    }
    int status = 0;
    if (got <= 0 && waitpid(child.pid, &status, WNOHANG) == child.pid) break;
  }
  pid_.store(0, std::memory_order_release);
}

void ServerWatch::pass_on(std::string& buffer) {
  for (auto line_end = buffer.find('\n'); line_end != std::string::npos; line_end = buffer.find('\n')) {
    const std::string line = buffer.substr(0, line_end);
    buffer.erase(0, line_end + 1);
    const bool grave = line.starts_with("FATAL") || line.starts_with("PANIC");
    if (grave) {
      std::lock_guard lock(mutex_);
      complaint_ = line;
    }
    // Routine words come at LOG; what we cause ourselves by stopping is routine too.
    if (line.starts_with("LOG") || line.starts_with("HINT") || line.starts_with("DETAIL") || stopping_) continue;
    log::warn("postgres", "the private database says", {{"text", line}});
  }
  if (buffer.size() > kLongestLine) buffer.clear();
}

void ServerWatch::end(pid_t pid) {
  const auto ended_within = [pid](std::chrono::milliseconds at_most) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (waitpid(pid, nullptr, WNOHANG) != pid) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  };
  kill(pid, SIGINT);
  if (ended_within(patience_.load())) return;
  log::warn("postgres", "the private database takes too long to stop; ended immediately", {{"pid", pid}});
  kill(pid, SIGQUIT);
  if (ended_within(std::chrono::seconds(2))) return;  // one that reacts at all is gone by then
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

bool ServerWatch::wait(std::chrono::milliseconds at_most) {
  pollfd asked{stop_event_.get(), POLLIN, 0};
  poll(&asked, 1, static_cast<int>(at_most.count()));
  return stopping_.load(std::memory_order_acquire);
}

bool ServerWatch::ready() const {
  const auto said = read_postmaster_file(directory_.data());
  return said.ready && said.pid == pid();
}

std::string ServerWatch::last_complaint() const {
  std::lock_guard lock(mutex_);
  return complaint_;
}

}  // namespace penstock::postgres
