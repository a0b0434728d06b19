// A Postgres of our own beside us, for when the operator gives no database: made, started, watched, restarted, stopped.
//
// Layout: <directory>/data is the cluster, <directory>/run the unix socket (a short directory under /run or /tmp when
// the path is longer than a socket's may be), <directory>/lock keeps a second Penstock out. It listens on no network.
// Only the operating system user that runs Penstock may connect (peer authentication). As root, the server and its
// files belong to ServerOptions::system_user, because Postgres refuses to run as root.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "penstock/core/result.hpp"
#include "postgres/options.hpp"

namespace penstock::postgres {

class ServerWatch;

// start, stop and the destructor belong to one thread; the rest is for any thread.
class PrivateServer {
 public:
  // Checks, makes the cluster when there is none (a second or two), ends a server that a killed Penstock left behind,
  // and launches. Returns before the server takes connections (crash recovery may take a while): see wait_ready().
  // Errors: config_error (no Postgres binaries, no system user, a directory that cannot be used, each with what to do),
  // conflict (another Penstock uses it), io_error.
  static Result<std::unique_ptr<PrivateServer>> start(ServerOptions options);
  ~PrivateServer();  // stop()

  // Until the server takes connections and our database exists in it; unavailable when the time is over.
  Result<void> wait_ready(std::chrono::milliseconds at_most);
  // Fast shutdown: transactions roll back, a checkpoint is written. Ended immediately after `at_most`, or after
  // stop_timeout if that is shorter. Idempotent.
  void stop(std::chrono::milliseconds at_most = std::chrono::hours(1));

  // For ConnectionOptions::url. The same for the server's whole life, restarts included.
  const std::string& url() const;
  bool running() const;          // the process lives
  pid_t pid() const;             // of the postmaster; 0 when it is not running
  std::uint64_t restarts() const;  // launches after the first

 private:
  PrivateServer(std::unique_ptr<ServerWatch> watch, bool database_made);

  std::unique_ptr<ServerWatch> watch_;
  bool database_made_;  // as far as we know
};

}  // namespace penstock::postgres
