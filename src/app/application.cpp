#include "app/application.hpp"

#include <pthread.h>
#include <signal.h>

#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

#include "api/api.hpp"
#include "api/events.hpp"
#include "api/ingest_endpoints.hpp"
#include "api/ingest_service.hpp"
#include "api/log_queries.hpp"
#include "api/metric_queries.hpp"
#include "api/operations.hpp"
#include "app/database.hpp"
#include "app/store_opener.hpp"
#include "auth/bootstrap_token.hpp"
#include "auth/token_set.hpp"
#include "base/byte_budget.hpp"
#include "base/log.hpp"
#include "base/worker_pool.hpp"
#include "core/system_clock.hpp"
#include "http/server.hpp"
#include "http/static_files.hpp"
#include "journal/file_journal.hpp"
#include "journal/posix_file_system.hpp"
#include "metrics/registry.hpp"
#include "postgres/pg_chunk_store.hpp"
#include "query/deletion_filter.hpp"
#include "query/engine.hpp"
#include "query/tail_hub.hpp"
#include "sinks/pump.hpp"
#include "sinks/store/maintenance.hpp"
#include "sinks/store/store_sink.hpp"

namespace penstock::app {

using std::chrono::milliseconds;

// Everything that lives, in the order it is built; destroyed in reverse.
struct Application::Rooms {
  std::string data_dir;
  SystemClock clock;
  metrics::Registry metrics;
  journal::PosixFileSystem files;
  PlainSealer sealer;
  ByteBudget budget;
  ingest::IngestMetrics ingest_metrics{metrics};
  std::optional<auth::BootstrapToken> admin_token;
  std::unique_ptr<auth::TokenSet> tokens;
  std::optional<Database> database;
  std::unique_ptr<journal::FileJournal> journal;
  std::unique_ptr<postgres::PgChunkStore> store;
  std::unique_ptr<sinks::StoreSink> store_sink;
  std::unique_ptr<sinks::Pump> store_pump;
  std::unique_ptr<sinks::Maintenance> maintenance;
  std::unique_ptr<StoreOpener> store_opener;
  std::unique_ptr<query::Engine> engine;
  std::unique_ptr<query::TailHub> tail;
  std::unique_ptr<WorkerPool> query_pool;     // answers that are gathered
  std::unique_ptr<WorkerPool> download_pool;  // answers that last as long as their client reads
  std::unique_ptr<WorkerPool> status_pool;
  std::unique_ptr<WorkerPool> decode_pool;    // large bodies, which would hold up an io thread
  std::unique_ptr<ingest::Admission> admission;
  std::unique_ptr<ingest::IdempotencyGate> idempotency;
  std::unique_ptr<api::IngestService> ingest_service;
  std::unique_ptr<api::IngestEndpoints> ingest;
  std::unique_ptr<api::Events> events;
  std::unique_ptr<api::LogQueries> log_queries;
  std::unique_ptr<api::MetricQueries> metric_queries;
  std::unique_ptr<api::Operations> operations;
  std::optional<http::StaticFiles> page;
  std::unique_ptr<api::Api> api;
  std::unique_ptr<http::Server> server;

  std::atomic<bool> draining{false};
  std::string new_token;
  std::mutex mutex;
  std::optional<Error> failure;
  pthread_t main_thread = pthread_self();

  explicit Rooms(const config::Config& config) : budget(config.in_flight_bytes) {}

  Result<void> build(const config::Config& config);
  Result<void> open_identity(const config::Config& config);
  Result<void> open_journal(const config::Config& config);
  void build_store(const config::Config& config);
  void build_ingest(const config::Config& config);
  Result<void> build_edge(const config::Config& config);
  api::StatusSources status_sources();
  void stop_by_itself(const Error& error);
};

namespace {

constexpr std::size_t kDownloads = 8;

// The dashboard's folder: as configured, beside the program, or where a package puts it.
std::string find_web_dir(const std::string& configured) {
  if (!configured.empty()) return configured;
  std::error_code problem;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", problem);
  for (const std::filesystem::path& candidate : {program.parent_path() / "web", std::filesystem::path("/usr/share/penstock/web")}) {
    if (std::filesystem::exists(candidate / "index.html", problem)) return candidate.string();
  }
  return {};
}

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1" || address == "localhost"; }

}  // namespace

Result<void> Application::Rooms::build(const config::Config& config) {
  if (config.http.tls.certificate_file.empty() && !is_loopback(config.http.address) && !config.allow_plain_http) {
    return Error{ErrorCode::config_error,
                 "Plain HTTP is served on loopback addresses only: give http.tls_certificate and http.tls_key, or set http.allow_plain to "
                 "true behind a proxy that speaks TLS.",
                 "http.listen"};
  }
  auto directory = prepare_data_dir(config.data_dir);
  if (!directory) return directory.error();
  data_dir = std::move(*directory);
  if (auto opened = open_identity(config); !opened) return opened;
  if (auto opened = open_journal(config); !opened) return opened;
  auto opened = Database::open(config, data_dir);
  if (!opened) return opened.error();
  database.emplace(std::move(*opened));
  build_store(config);
  return build_edge(config);
}

Result<void> Application::Rooms::open_identity(const config::Config& config) {
  auto opened = auth::BootstrapToken::open({.data_dir = data_dir, .token_from_environment = config.auth.admin_token,
                                            .default_deployment = config.auth.default_deployment});
  if (!opened) return opened.error();
  new_token = opened->new_token();
  admin_token.emplace(std::move(*opened));
  tokens = std::make_unique<auth::TokenSet>();
  tokens->add(*admin_token);
  if (!config.auth.agent_token.empty()) {
    Principal agent;
    agent.name = "agent";
    agent.all_deployments = true;
    agent.default_deployment = config.auth.default_deployment;
    agent.may_read = false;
    tokens->add(config.auth.agent_token, std::move(agent));
  }
  return {};
}

Result<void> Application::Rooms::open_journal(const config::Config& config) {
  journal::Options options = config.journal;
  options.directory = data_dir + "/journal";
  auto opened = journal::FileJournal::open(std::move(options), files, clock, sealer, metrics);
  if (!opened) return opened.error();
  journal = std::move(*opened);
  return {};
}

void Application::Rooms::build_store(const config::Config& config) {
  postgres::Options options = config.database;
  options.connection = database->connection();
  store = std::make_unique<postgres::PgChunkStore>(options, metrics);
  store_sink = std::make_unique<sinks::StoreSink>(config.store, journal->id(), *store, sealer, clock, metrics);
  store_pump = std::make_unique<sinks::Pump>(config.pump, *journal, *store_sink, clock, metrics);
  maintenance = std::make_unique<sinks::Maintenance>(
      config.maintenance, *store, *store, sealer, clock, metrics, [rules = config.retention_rules()] { return rules; },
      query::compile_deletion);
  store_opener = std::make_unique<StoreOpener>(
      *database, config.migrate,
      [this] {
        store_pump->start();
        maintenance->start();
      },
      [this](const Error& error) { stop_by_itself(error); });
}

Result<void> Application::Rooms::build_edge(const config::Config& config) {
  engine = std::make_unique<query::Engine>(config.query, clock, *journal, *store, sealer, metrics);
  tail = std::make_unique<query::TailHub>(config.tail, *journal, metrics);
  query_pool = std::make_unique<WorkerPool>("query", config.query.concurrent, config.query_queue);
  download_pool = std::make_unique<WorkerPool>("download", kDownloads, kDownloads);
  status_pool = std::make_unique<WorkerPool>("status", 1, 64);

  build_ingest(config);
  log_queries = std::make_unique<api::LogQueries>(*engine, *tail, *query_pool, *download_pool, clock);
  metric_queries = std::make_unique<api::MetricQueries>(*engine, *query_pool, clock);
  operations = std::make_unique<api::Operations>(status_sources(), metrics, budget, *status_pool, clock);
  api::RouteTable routes;
  operations->add_routes(routes);
  ingest->add_routes(routes);
  events->add_routes(routes);
  log_queries->add_routes(routes);
  metric_queries->add_routes(routes);

  const std::string web_dir = find_web_dir(config.web_dir);
  if (!web_dir.empty()) {
    auto loaded = http::StaticFiles::load(web_dir);
    if (!loaded) return loaded.error();
    page.emplace(std::move(*loaded));
  } else {
    log::warn("app", "no dashboard: the folder web is neither beside the program nor named by web_dir");
  }
  api = std::make_unique<api::Api>(std::move(routes), page ? &*page : nullptr, *tokens, metrics);
  server = std::make_unique<http::Server>(config.http, *api, budget, metrics);
  return {};
}

void Application::Rooms::build_ingest(const config::Config& config) {
  admission = std::make_unique<ingest::Admission>([this]() -> std::optional<Error> {
    if (journal->writable()) return std::nullopt;
    return Error{ErrorCode::storage_failed, "The journal cannot be written now; nothing is lost, send again.", ""};
  });
  idempotency = std::make_unique<ingest::IdempotencyGate>(
      [this](std::uint64_t key_hi, std::uint64_t key_lo) { return journal->find(key_hi, key_lo); });
  decode_pool = std::make_unique<WorkerPool>("decode", 2, 64);
  ingest::Options options = config.ingest;
  options.retention = config.retention_rules();
  ingest_service = std::make_unique<api::IngestService>(std::move(options), config.auth.default_deployment, *journal, *admission, *idempotency,
                                                        ingest_metrics, *decode_pool, clock);
  ingest = std::make_unique<api::IngestEndpoints>(*ingest_service, config.http.max_body);
  events = std::make_unique<api::Events>(*ingest_service, config.event_origins);
}

api::StatusSources Application::Rooms::status_sources() {
  api::StatusSources sources;
  sources.checks = {
      {"running", true, [this] { return draining ? std::string("The server is draining.") : std::string(); }},
      {"started", true, [this] { return store_opener->starting(); }},
      {"journal", true, [this] { return journal->writable() ? std::string() : std::string("The journal cannot be written, or is full."); }},
      {"store", false, [this] { return store_opener->problem(); }},
  };
  sources.journal = [this] { return journal->stats(); };
  sources.sinks = [this] { return std::vector{store_pump->state()}; };
  sources.store = [this] {
    const postgres::StoreStats stats = store->stats();
    return api::StoreNumbers{stats.available, stats.chunks, stats.bytes, stats.series};
  };
  sources.connections = [this] { return server->connections(); };
  sources.requests = [this] { return server->requests_total(); };
  sources.query_memory = [this] { return engine->memory_used(); };
  sources.accepted = [this] { return ingest_metrics.records_total(); };
  sources.rejected = [this] { return ingest_metrics.rejected_total(); };
  return sources;
}

// serve_command waits for this signal and then asks why.
void Application::Rooms::stop_by_itself(const Error& error) {
  {
    const std::lock_guard lock(mutex);
    failure = error;
  }
  pthread_kill(main_thread, SIGTERM);
}

Application::Application(const config::Config& config) : config_(config), rooms_(std::make_unique<Rooms>(config)) {}

Application::~Application() { stop(); }

Result<void> Application::start() {
  if (auto built = rooms_->build(config_); !built) return built;
  rooms_->journal->start();
  rooms_->store_opener->start();
  return rooms_->server->start();
}

void Application::reload() {
  if (config_.http.tls.certificate_file.empty()) return;
  if (auto reloaded = rooms_->server->reload_tls(); !reloaded) {
    log::error("app", "the new certificate cannot be used; the old one stays", {{"error", reloaded.error().message}});
  } else {
    log::info("app", "read the certificate again");
  }
}

void Application::stop() {
  Rooms& rooms = *rooms_;
  if (rooms.draining.exchange(true)) return;
  const auto deadline = std::chrono::steady_clock::now() + config_.drain;
  const auto left = [&] {
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now()));
  };
  if (rooms.admission) rooms.admission->drain();
  // Requests keep half of the time; the rest is for what they left to store.
  if (rooms.server) rooms.server->drain(left() / 2);
  if (rooms.tail) rooms.tail->stop();
  if (rooms.journal) rooms.journal->stop();
  if (rooms.store_opener) rooms.store_opener->stop();
  if (rooms.store_pump) rooms.store_pump->stop(left() / 2);
  if (rooms.maintenance) rooms.maintenance->stop();
  for (WorkerPool* pool : {rooms.decode_pool.get(), rooms.query_pool.get(), rooms.download_pool.get(), rooms.status_pool.get()}) {
    if (pool != nullptr) pool->stop();
  }
  if (rooms.database) rooms.database->stop();
}

std::string Application::address() const {
  const bool tls = !config_.http.tls.certificate_file.empty();
  const std::string& host = config_.http.address;
  return (tls ? "https://" : "http://") + (host.find(':') != std::string::npos ? "[" + host + "]" : host) + ":" +
         std::to_string(rooms_->server->port());
}

const std::string& Application::new_admin_token() const { return rooms_->new_token; }

std::optional<Error> Application::failure() const {
  const std::lock_guard lock(rooms_->mutex);
  return rooms_->failure;
}

}  // namespace penstock::app
