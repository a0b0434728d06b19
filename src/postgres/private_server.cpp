#include "postgres/private_server.hpp"

#include <libpq-fe.h>

#include <thread>

#include "base/log.hpp"
#include "postgres/connection_string.hpp"
#include "postgres/pq_connection.hpp"
#include "postgres/server_watch.hpp"

namespace penstock::postgres {
namespace {

using Steady = std::chrono::steady_clock;

// Our database is made in a running server: initdb knows only its own.
Result<void> ensure_database(const std::string& url, bool expected) {
  ConnectionOptions options;
  options.url = url;
  if (expected) {
    if (auto there = PqConnection::open(options)) return {};
  }
  append_setting(options.url, "dbname", "postgres");
  auto open = PqConnection::open(options);
  if (!open) return open.error();
  PqParams params;
  params.add(std::string(kDatabase));
  auto found = (*open)->run("SELECT 1 FROM pg_database WHERE datname = $1::text", "look for the database", params);
  if (!found) return found.error();
  if (found->rows() > 0) return {};
  return (*open)->script(std::string("CREATE DATABASE ") + kDatabase, "make the database");
}

}  // namespace

PrivateServer::PrivateServer(std::unique_ptr<ServerWatch> watch, bool database_made)
    : watch_(std::move(watch)), database_made_(database_made) {}

PrivateServer::~PrivateServer() { stop(); }

Result<std::unique_ptr<PrivateServer>> PrivateServer::start(ServerOptions options) {
  auto directory = ServerDirectory::open(options);
  if (!directory) return directory.error();
  auto made = directory->make_cluster();
  if (!made) return made.error();
  if (auto written = directory->write_access_rules(); !written) return written.error();
  auto watch = std::make_unique<ServerWatch>(std::move(options), *std::move(directory));
  if (auto started = watch->start(); !started) return started.error();
  return std::unique_ptr<PrivateServer>(new PrivateServer(std::move(watch), !*made));
}

Result<void> PrivateServer::wait_ready(std::chrono::milliseconds at_most) {
  const auto deadline = Steady::now() + at_most;
  std::string why;
  while (Steady::now() < deadline) {
    if (watch_->ready()) {
      auto there = ensure_database(url(), database_made_);
      if (there) {
        database_made_ = true;
        return {};
      }
      why = there.error().message;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const std::string complaint = watch_->last_complaint();
  if (!complaint.empty()) why = complaint;
  return Error{ErrorCode::unavailable, "The private database is not ready yet" + (why.empty() ? "." : ": " + why), ""};
}

void PrivateServer::stop(std::chrono::milliseconds at_most) { watch_->stop(at_most); }

const std::string& PrivateServer::url() const { return watch_->url(); }
bool PrivateServer::running() const { return pid() != 0; }
pid_t PrivateServer::pid() const { return watch_->pid(); }

std::uint64_t PrivateServer::restarts() const {
  const auto launches = watch_->launches();
  return launches == 0 ? 0 : launches - 1;
}

}  // namespace penstock::postgres
