// The files of the private server: who owns them, where the socket is, and what a killed predecessor left.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "penstock/core/result.hpp"
#include "postgres/child_process.hpp"
#include "postgres/options.hpp"
#include "postgres/server_binaries.hpp"

namespace penstock::postgres {

// Not thread-safe. Holds the lock file as long as it lives.
class ServerDirectory {
 public:
  // Makes what is missing, takes the lock, checks that the server's user gets in. Errors as PrivateServer::start().
  static Result<ServerDirectory> open(const ServerOptions& options);

  // Makes the cluster when there is none; true when it did. Safe to be killed in.
  Result<bool> make_cluster();
  // Ends a server that still runs here, and takes away a pid file that would keep ours from starting.
  Result<void> end_stale(std::chrono::milliseconds at_most) const;
  // Takes the socket's directory away when it is one under /run or /tmp; the server must have stopped.
  void remove_socket_directory() const;
  // Who may connect: the operating system user that we are, as the role kRole.
  Result<void> write_access_rules() const;

  const ServerBinaries& binaries() const { return binaries_; }
  // absent: we are not root, the server runs as us
  const std::optional<Identity>& identity() const { return identity_; }
  std::string data() const { return root_ + "/data"; }
  const std::string& socket() const { return socket_; }
  std::string hba_file() const { return root_ + "/hba.conf"; }
  std::string ident_file() const { return root_ + "/ident.conf"; }

 private:
  ServerDirectory() = default;
  Result<void> choose_socket_directory();
  Result<void> own(const std::string& path) const;
  Result<void> check_entry(const std::string& path) const;

  std::string root_, socket_;
  ServerBinaries binaries_;
  std::optional<Identity> identity_;
  Descriptor lock_;
};

inline constexpr const char* kRole = "penstock";
inline constexpr const char* kDatabase = "penstock";
inline constexpr const char* kPort = "5432";  // names the socket; nothing listens on a network

}  // namespace penstock::postgres
