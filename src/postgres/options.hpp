// What an operator may set about Postgres.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace penstock::postgres {

class ConnectionBreaker;
class Pulse;

// How to reach a database.
struct ConnectionOptions {
  std::string url;  // "postgresql://user:password@host:port/database?sslmode=…" or libpq's "key=value …"
  std::chrono::seconds connect_timeout{5};
  std::chrono::milliseconds network_timeout{20'000};    // tcp_user_timeout: unanswered bytes break the connection
  std::chrono::milliseconds statement_timeout{60'000};
  std::chrono::milliseconds lock_timeout{5'000};
  std::shared_ptr<ConnectionBreaker> breaker;  // all connections are in it; null: they are in none
  std::shared_ptr<const Pulse> pulse;          // reads do not wait for a database that it finds away; null: nobody looks
};

// The chunk store over a database. What the url says itself wins over the timeouts of ConnectionOptions.
struct Options {
  ConnectionOptions connection;
  std::size_t read_connections = 4;                    // at most; opened when needed
  std::chrono::milliseconds read_wait{5'000};          // for a free read connection
  std::chrono::milliseconds read_answer{5'000};       // a read without an answer for so long counts as unavailable
  // After a connection failed reads fail at once for so long, then one tries again; twice as long after each failure.
  std::chrono::milliseconds retry_after_failure{500};
  std::chrono::milliseconds retry_at_most{8'000};
  std::size_t dead_letters_kept = 100'000;             // the oldest go first
};

// The private server, when there is no database url. All sizes suit a machine with 1 GB.
struct ServerOptions {
  std::string directory;                 // "<data>/postgres"; made when absent
  std::string bin_directory;             // empty: PATH, then the newest /usr/lib/postgresql/*/bin
  std::string system_user = "postgres";  // whom the server runs as when we are root
  std::uint32_t shared_buffers_mb = 32;
  std::uint32_t work_mem_kb = 2048;
  std::uint32_t max_connections = 32;
  std::uint32_t max_wal_mb = 128;
  std::chrono::milliseconds stop_timeout{15'000};            // fast shutdown, before it is ended immediately
  std::vector<std::pair<std::string, std::string>> settings;  // further postgresql.conf settings; they win
};

}  // namespace penstock::postgres
