// Everything that lives in the server, and how it is put together.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "api/api.hpp"
#include "api/dead_letters.hpp"
#include "api/deletions.hpp"
#include "api/events.hpp"
#include "api/ingest_endpoints.hpp"
#include "api/ingest_service.hpp"
#include "api/log_queries.hpp"
#include "api/metric_queries.hpp"
#include "api/deployment_deletion.hpp"
#include "api/deployment_settings.hpp"
#include "api/deployments.hpp"
#include "api/keys.hpp"
#include "api/overview.hpp"
#include "api/operations.hpp"
#include "app/database.hpp"
#include "app/identity.hpp"
#include "app/key_keeper.hpp"
#include "app/loss_watch.hpp"
#include "app/store_opener.hpp"
#include "auth/bootstrap_token.hpp"
#include "auth/head_authenticator.hpp"
#include "auth/token_watch.hpp"
#include "base/byte_budget.hpp"
#include "base/log.hpp"
#include "base/worker_pool.hpp"
#include "core/settled_clock.hpp"
#include "core/system_clock.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "journal/file_journal.hpp"
#include "journal/posix_file_system.hpp"
#include "metrics/registry.hpp"
#include "postgres/pg_chunk_store.hpp"
#include "postgres/pg_data_keys.hpp"
#include "postgres/pg_dead_letters.hpp"
#include "postgres/pg_deletion_receipts.hpp"
#include "postgres/pg_deployment_removals.hpp"
#include "query/engine.hpp"
#include "query/tail_hub.hpp"
#include "seal/envelope_sealer.hpp"
#include "sinks/sink_set.hpp"
#include "sinks/store/dead_letter_desk.hpp"
#include "sinks/store/deployment_clearing.hpp"
#include "sinks/store/maintenance.hpp"
#include "sinks/store/store_sink.hpp"

namespace penstock::app {

// Everything that lives, in the order it is built; destroyed in reverse.
struct Rooms {
  std::string data_dir;
  SystemClock clock;
  SettledClock ages{clock};  // retention asks it
  WatchedClock arrivals{ages};
  metrics::Registry metrics;
  journal::PosixFileSystem files;
  std::unique_ptr<postgres::PgDataKeys> data_keys;
  std::unique_ptr<Sealer> sealer;
  seal::KeySource key_source;
  seal::EnvelopeSealer* envelope = nullptr;  // the same, unless nothing here is or will be sealed
  ByteBudget budget;
  ingest::IngestMetrics ingest_metrics{metrics};
  std::optional<auth::BootstrapToken> admin_token;
  std::unique_ptr<auth::HeadAuthenticator> tokens;
  std::unique_ptr<auth::TokenWatch> token_watch;
  std::unique_ptr<auth::OidcFetch> oidc_fetch;  // until identity takes it
  std::string oidc_secret;
  std::optional<Database> database;
  std::unique_ptr<journal::FileJournal> journal;
  std::unique_ptr<Identity> identity;
  std::unique_ptr<LossWatch> losses;
  std::unique_ptr<FolderKeys> key_keeper;
  std::unique_ptr<postgres::PgChunkStore> store;
  std::unique_ptr<postgres::PgDeadLetters> dead_letter_store;
  std::unique_ptr<sinks::DeadLetterDesk> dead_letter_desk;
  std::unique_ptr<postgres::PgDeploymentRemovals> deployment_removals;
  std::unique_ptr<sinks::DeploymentClearing> deployment_clearing;
  std::unique_ptr<sinks::StoreSink> store_sink;
  std::unique_ptr<sinks::SinkSet> sinks;
  std::unique_ptr<postgres::PgDeletionReceipts> deletion_receipts;
  std::unique_ptr<sinks::JournalClearing> journal_clearing;
  std::unique_ptr<sinks::Maintenance> maintenance;
  std::unique_ptr<StoreOpener> store_opener;
  std::unique_ptr<query::Engine> engine;
  std::unique_ptr<query::TailHub> tail;
  std::unique_ptr<WorkerPool> query_pool;     // answers that are gathered
  std::unique_ptr<api::Downloads> downloads;  // answers that last as long as their client reads
  std::unique_ptr<api::Deletions> deletions;
  std::unique_ptr<api::DeploymentDeletion> deployment_deletion;
  std::unique_ptr<api::Keys> keys;
  std::unique_ptr<WorkerPool> status_pool;
  std::unique_ptr<WorkerPool> dead_letter_pool;
  std::unique_ptr<WorkerPool> decode_pool;  // large bodies, which would hold up an io thread
  std::unique_ptr<ingest::Admission> admission;
  std::unique_ptr<ingest::IdempotencyGate> idempotency;
  std::unique_ptr<api::IngestService> ingest_service;
  std::unique_ptr<api::IngestEndpoints> ingest;
  std::unique_ptr<api::Events> events;
  std::unique_ptr<api::LogQueries> log_queries;
  std::unique_ptr<api::MetricQueries> metric_queries;
  std::unique_ptr<api::Overview> overview;
  std::unique_ptr<api::Deployments> deployments;
  std::unique_ptr<api::DeploymentSettings> deployment_settings;
  std::unique_ptr<api::DeadLetters> dead_letters;
  std::unique_ptr<api::Operations> operations;
  std::optional<http::StaticFiles> page;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<http::Server> server;

  std::atomic<bool> draining{false};
  std::string new_token;
  std::string new_key_file;  // empty: the outer key was there
  std::mutex mutex;
  std::optional<Error> failure;
  pthread_t main_thread = pthread_self();

  explicit Rooms(const config::Config& config) : budget(config.in_flight_bytes) {}

  Result<void> build(const config::Config& config);
  Result<void> open_identity(const config::Config& config);
  Result<void> open_sealing(const config::Config& config);
  Result<void> open_journal(const config::Config& config);
  void build_store(const config::Config& config);
  void deployment_cleared(const DeploymentRemoval& removal);
  void build_ingest(const config::Config& config);
  Result<void> build_edge(const config::Config& config);
  Result<std::vector<RetentionRule>> retention_now(const std::vector<RetentionRule>& configured);
  api::StatusSources status_sources();
  std::string store_problem() const;
  api::DeletionNumbers deletion_numbers() const;
  void stop_by_itself(const Error& error);
};

}  // namespace penstock::app
