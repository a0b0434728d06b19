// Everything that can be set, typed: the rooms' own option structs side by side. Only app and main include this.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "auth/oidc_options.hpp"
#include "http/server_options.hpp"
#include "ingest/options.hpp"
#include "journal/options.hpp"
#include "penstock/ports/chunk_maintenance.hpp"
#include "postgres/options.hpp"
#include "query/engine.hpp"
#include "query/tail_hub.hpp"
#include "seal/options.hpp"
#include "sinks/pump_options.hpp"
#include "sinks/store/maintenance_options.hpp"
#include "sinks/store/store_sink_options.hpp"

namespace penstock::config {

struct LogOptions {
  std::string level = "info";
  bool json = false;
};

struct AuthOptions {
  std::string admin_token;                     // empty: the one made at first start
  std::string agent_token;                     // may only send; empty: none
  std::string default_deployment = "default";  // of records that name none
  bool bootstrap = true;                       // the first administrator's token is taken
  std::chrono::nanoseconds keep_known = std::chrono::hours(24);  // tokens and users, while the database is away; 0: as long as it is
};

struct AuditOptions {
  std::uint64_t export_records = 100'000;  // a download of more is told in the audit log; 0: none is
  std::uint64_t export_bytes = 10'000'000;
};

struct RetentionOptions {
  std::int64_t logs_ns = 30 * std::int64_t{86'400'000'000'000};
  std::int64_t metrics_ns = 90 * std::int64_t{86'400'000'000'000};
  std::uint64_t logs_max_bytes = 0;  // 0: no limit
  std::uint64_t metrics_max_bytes = 0;
  std::vector<RetentionRule> rules;  // more specific ones
};

struct Config {
  std::string data_dir = "data";
  std::string web_dir;  // empty: "web" beside the program, else /usr/share/penstock/web
  bool migrate = true;  // bring the schema up at start
  std::size_t in_flight_bytes = std::size_t{16} << 20;
  std::size_t query_queue = 64;
  bool allow_plain_http = false;  // on addresses that are not loopback
  std::chrono::seconds drain{20};
  std::vector<std::string> event_origins = {"*"};
  LogOptions log;
  AuthOptions auth;
  auth::OidcOptions oidc;
  AuditOptions audit;
  RetentionOptions retention;
  http::Options http;
  ingest::Options ingest;
  journal::Options journal;
  postgres::Options database;
  postgres::ServerOptions private_postgres;
  sinks::StoreSinkOptions store;
  sinks::PumpOptions pump;
  sinks::MaintenanceOptions maintenance;
  query::Options query;
  query::TailOptions tail;
  seal::Options seal;

  // The retention options as the store takes them, the defaults included.
  std::vector<RetentionRule> retention_rules() const;
};

}  // namespace penstock::config
