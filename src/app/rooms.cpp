#include "app/rooms.hpp"

#include <signal.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include "api/route_list.hpp"
#include "app/config_check.hpp"
#include "app/sealing.hpp"
#include "auth/oidc_http_fetch.hpp"
#include "backup/backup.hpp"
#include "query/deletion_filter.hpp"

namespace penstock::app {
namespace {

// The dashboard's folder: as configured, beside the program, or where a package puts it.
std::string find_web_dir(const std::string& configured) {
  if (!configured.empty()) return configured;
  std::error_code problem;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", problem);
  for (const std::filesystem::path& candidate :
       {program.parent_path() / "web", std::filesystem::path("/usr/share/penstock/web")}) {
    if (std::filesystem::exists(candidate / "index.html", problem)) return candidate.string();
  }
  return {};
}

}  // namespace

Result<void> Rooms::build(const config::Config& config) {
  if (auto checked = check_plain_http(config); !checked) return checked;
  auto directory = prepare_data_dir(config.data_dir);
  if (!directory) return directory.error();
  data_dir = std::move(*directory);
  if (auto opened = open_identity(config); !opened) return opened;
  if (auto opened = open_sealing(config); !opened) return opened;
  backup::clear_leftovers(files, data_dir);
  if (auto opened = open_journal(config); !opened) return opened;
  auto opened = Database::open(config, data_dir);
  if (!opened) return opened.error();
  database.emplace(std::move(*opened));
  build_store(config);
  return build_edge(config);
}

Result<void> Rooms::open_identity(const config::Config& config) {
  tokens = std::make_unique<auth::HeadAuthenticator>();
  if (config.auth.bootstrap) {
    auto opened = auth::BootstrapToken::open({.data_dir = data_dir,
                                              .token_from_environment = config.auth.admin_token,
                                              .default_deployment = config.auth.default_deployment});
    if (!opened) return opened.error();
    new_token = opened->new_token();
    admin_token.emplace(std::move(*opened));
    tokens->add(*admin_token);
  }
  if (!config.auth.agent_token.empty()) {
    tokens->add(config.auth.agent_token, Principal{.kind = PrincipalKind::configured,
                                                   .name = "agent",
                                                   .grants = Grants({{.all_deployments = true, .deployment = {}, .rights = kIngest}}),
                                                   .default_deployment = config.auth.default_deployment});
  }
  auto secret = auth::check_oidc_options(config.oidc);
  if (!secret) return secret.error();
  oidc_secret = std::move(*secret);
  auto fetch = auth::make_oidc_http_fetch({.allow_cidrs = config.oidc.allow_cidrs, .ca_file = config.oidc.ca_file, .timeout = config.oidc.timeout,
                                           .given_up = [this] { return draining.load(); }});
  if (!fetch) return fetch.error();
  oidc_fetch = std::move(*fetch);
  return {};
}

Result<void> Rooms::open_sealing(const config::Config& config) {
  auto opened = open_seal(config, files, data_dir, seal::Missing::make);
  if (!opened) return std::move(opened).error();
  sealer = std::move(opened->sealer);
  envelope = opened->envelope;
  key_source = opened->source;
  if (opened->made_key) new_key_file = opened->source.path;
  return {};
}

Result<void> Rooms::open_journal(const config::Config& config) {
  journal::Options options = config.journal;
  options.directory = data_dir + "/journal";
  auto opened = journal::FileJournal::open(std::move(options), files, clock, *sealer, metrics);
  if (!opened) return opened.error();
  journal = std::move(*opened);
  if (const Timestamp last = journal->last_commit_before(); last.ns != 0) ages.begin_after(last);
  return {};
}

void Rooms::build_store(const config::Config& config) {
  database->watch();
  postgres::Options options = config.database;
  options.connection = database->connection();
  identity = std::make_unique<Identity>(options, clock, auth::IdentityCache::Options{.keep_known = config.auth.keep_known, .kept_file = data_dir + "/known-identities",
                                                                                    .retention = config.retention_rules()},
                                        metrics, OidcParts{*sealer, std::move(oidc_fetch), config.oidc, std::move(oidc_secret)});
  identity->clock.not_before(journal->last_commit_before());
  identity->cache.recall();
  identity->audit.keep_in(data_dir + "/audit-waiting");
  losses = std::make_unique<LossWatch>(metrics, identity->audit);
  tokens->add(identity->cache.tokens());
  tokens->set_sessions(&identity->cache.sessions());
  tokens->set_certificates(&identity->cache.certificates());
  tokens->set_bearers(&identity->oidc->bearer);
  store = std::make_unique<postgres::PgChunkStore>(options, metrics, sealer.get());
  data_keys = std::make_unique<postgres::PgDataKeys>(options.connection);
  if (envelope != nullptr) envelope->use_store(*data_keys);
  key_keeper = std::make_unique<FolderKeys>(SealedFolder{data_dir, config.seal, key_source}, files, envelope, *data_keys, identity->audit, identity->clock);
  dead_letter_store = std::make_unique<postgres::PgDeadLetters>(options);
  dead_letter_desk = std::make_unique<sinks::DeadLetterDesk>(
      *dead_letter_store, *sealer, *journal,
      [this](std::uint64_t key_hi, std::uint64_t key_lo) { return journal->find(key_hi, key_lo); });
  store_sink = std::make_unique<sinks::StoreSink>(config.store, journal->id(), *store, *sealer, clock, metrics);
  store_sink->on_superseded([this](const Error& error) { stop_by_itself(error); });
  deployment_removals = std::make_unique<postgres::PgDeploymentRemovals>(options.connection);
  deployment_clearing = std::make_unique<sinks::DeploymentClearing>(*deployment_removals, *journal, clock);
  deployment_clearing->clear_first([this](const DeploymentRemoval& removal) { return dead_letter_desk->discard_plain(removal.deployment); });
  deployment_clearing->on_cleared([this](const DeploymentRemoval& removal) { deployment_cleared(removal); });
  store_sink->clear_deployments(*deployment_clearing);
  sinks = std::make_unique<sinks::SinkSet>(config.pump, *journal, clock, metrics);
  sinks->add(*store_sink, sinks::DeliveryMark(files, data_dir + "/journal", std::string(store_sink->name()), *journal));
  maintenance = std::make_unique<sinks::Maintenance>(
      config.maintenance, *store, *store, *sealer, ages, metrics, [this, configured = config.retention_rules()] { return retention_now(configured); },
      query::compile_deletion);
  deletion_receipts = std::make_unique<postgres::PgDeletionReceipts>(options.connection);
  journal_clearing = std::make_unique<sinks::JournalClearing>(*deletion_receipts, *journal);
  maintenance->clear_journal(*journal_clearing);
  store_opener = std::make_unique<StoreOpener>(
      *database, config.migrate, [this] { return envelope == nullptr ? Result<void>() : envelope->check_store(); },
      [this] {
        database->begin_to_look();
        identity->start();
        sinks->start();
        maintenance->start();
      },
      [this](const Error& error) { stop_by_itself(error); });
}

// Its records leave the journal at once, and until then nothing shows them.
void Rooms::deployment_cleared(const DeploymentRemoval& removal) {
  engine->deployment_deleted({.id = removal.id,
                              .deployment = removal.deployment,
                              .from = kFirstTime,
                              .to = kLastTime,
                              .filter_json = {},
                              .journal = journal->id(),
                              .before = removal.before,
                              .created_at = clock.now(),
                              .records = 0});
  maintenance->wake();
}

Result<void> Rooms::build_edge(const config::Config& config) {
  engine = std::make_unique<query::Engine>(config.query, clock, *journal, *store, *sealer, metrics);
  engine->keep_deletions_in(files, data_dir + "/deletions");
  tail = std::make_unique<query::TailHub>(config.tail, *journal, metrics);
  query_pool = std::make_unique<WorkerPool>("query", query::query_threads(config.query), config.query_queue);
  downloads = std::make_unique<api::Downloads>(config.query.downloads);
  status_pool = std::make_unique<WorkerPool>("status", 1, 64);
  dead_letter_pool = std::make_unique<WorkerPool>("dead-letter", 1, 16);

  build_ingest(config);
  log_queries = std::make_unique<api::LogQueries>(*engine, *tail, *query_pool, *downloads, clock, config.ingest.max_ahead_ns,
                                                  api::ExportWatch{&identity->audit, config.audit.export_records, config.audit.export_bytes});
  metric_queries = std::make_unique<api::MetricQueries>(*engine, *query_pool, clock, config.ingest.max_ahead_ns);
  overview = std::make_unique<api::Overview>(*engine, *query_pool, clock, config.ingest.max_ahead_ns);
  deployments = std::make_unique<api::Deployments>(*engine, *query_pool, config.retention_rules(), [this] { return identity->cache.directory(); });
  deployment_settings = std::make_unique<api::DeploymentSettings>(
      identity->desk(), *query_pool,
      api::DeploymentSettings::Sources{config.retention_rules(), [this](const std::vector<RetentionRule>& rules) { return store->expiring(rules, ages.now()); },
                                       [this] { maintenance->wake(); }});
  deletions = std::make_unique<api::Deletions>(*deletion_receipts, *query_pool);
  dead_letters = std::make_unique<api::DeadLetters>(*dead_letter_desk, *dead_letter_pool, clock);
  key_keeper->on_replaced([this] { maintenance->wake(); });
  keys = std::make_unique<api::Keys>(*key_keeper, identity->store, *dead_letter_pool, identity->clock);
  deployment_deletion = std::make_unique<api::DeploymentDeletion>(
      [this](const std::string& deployment, const AuditEntry& entry) {
        auto id = deployment_clearing->ask(deployment, entry);
        store_sink->flush_now();  // the sink looks within moments
        return id;
      },
      *dead_letter_pool, identity->clock);
  operations = std::make_unique<api::Operations>(status_sources(), metrics, budget, *status_pool, clock);
  api::RouteTable routes;
  operations->add_routes(routes);
  ingest->add_routes(routes);
  events->add_routes(routes);
  log_queries->add_routes(routes);
  metric_queries->add_routes(routes);
  overview->add_routes(routes);
  deployments->add_routes(routes);
  deployment_settings->add_routes(routes);
  dead_letters->add_routes(routes);
  identity->routes.add_routes(routes);
  deletions->add_routes(routes);
  deployment_deletion->add_routes(routes);
  keys->add_routes(routes);
  api::add_route_list(routes);

  const std::string web_dir = find_web_dir(config.web_dir);
  if (!web_dir.empty()) {
    auto loaded = http::StaticFiles::load(web_dir);
    if (!loaded) return loaded.error();
    page.emplace(std::move(*loaded));
  } else {
    log::warn("app", "no dashboard: the folder web is neither beside the program nor named by web_dir");
  }
  api = std::make_unique<api::Api>(std::move(routes), page ? &*page : nullptr, *tokens, metrics, &identity->cache.rules());
  server = std::make_unique<http::Server>(config.http, *api, budget, metrics);
  return {};
}

// Of the store itself, not of what was known some time ago: what was set to be kept longer meanwhile must not go.
Result<std::vector<RetentionRule>> Rooms::retention_now(const std::vector<RetentionRule>& configured) {
  if (const auto looked = identity->cache.refresh(); !looked) return looked.error();
  const auto rules = identity->cache.rules().get();
  return rules ? rules->retention : configured;
}

void Rooms::build_ingest(const config::Config& config) {
  admission = std::make_unique<ingest::Admission>([this]() -> std::optional<Error> {
    const auto refusal = journal->refusal();
    if (!refusal) return std::nullopt;
    if (*refusal == ErrorCode::storage_full) {
      return Error{*refusal, "The journal has no room left on its disk; nothing is lost, send again later.", ""};
    }
    return Error{*refusal, "The journal cannot be written now; nothing is lost, send again.", ""};
  });
  idempotency = std::make_unique<ingest::IdempotencyGate>(
      [this](std::uint64_t key_hi, std::uint64_t key_lo) { return journal->find(key_hi, key_lo); });
  decode_pool = std::make_unique<WorkerPool>("decode", 2, 64);
  ingest::Options options = config.ingest;
  options.retention = config.retention_rules();
  ingest_service = std::make_unique<api::IngestService>(std::move(options), config.auth.default_deployment, *journal,
                                                        *admission, *idempotency, ingest_metrics, *decode_pool, arrivals);
  ingest = std::make_unique<api::IngestEndpoints>(*ingest_service, config.http.max_body);
  events = std::make_unique<api::Events>(*ingest_service, config.event_origins);
}

api::StatusSources Rooms::status_sources() {
  api::StatusSources sources;
  sources.checks = {
      {"running", true, [this] { return draining ? std::string("The server is draining.") : std::string(); }},
      {"started", true, [this] { return store_opener->starting(); }},
      {"journal", true,
       [this] {
         return journal->writable() ? std::string() : std::string("The journal cannot be written, or is full.");
       }},
      {"store", false, [this] { return store_problem(); }},
      {"deletions", false, [this] { return deletion_numbers().problem; }},
      {"identity", false, [this] { return identity->cache.problem(); }},
  };
  sources.journal = [this] { return journal->stats(); };
  sources.sinks = [this] { return sinks->states(); };
  sources.store = [this] {
    const postgres::StoreStats stats = store->stats();
    return api::StoreNumbers{stats.available, stats.chunks, stats.bytes, stats.series};
  };
  sources.deletions = [this] { return deletion_numbers(); };
  sources.connections = [this] { return server->connections(); };
  sources.requests = [this] { return server->requests_total(); };
  sources.connection_memory = [this]() -> const ByteBudget& { return server->connection_memory(); };
  sources.answer_memory = [this]() -> const ByteBudget& { return server->answer_memory(); };
  sources.query_memory = [this] { return engine->memory_used(); };
  sources.accepted = [this] { return ingest_metrics.records_total(); };
  sources.rejected = [this] { return ingest_metrics.rejected_total(); };
  return sources;
}

std::string Rooms::store_problem() const {
  std::string problem = store_opener->problem();
  if (problem.empty()) {
    if (const auto found = database->pulse().problem()) problem = full_text(*found);
  }
  return problem;
}

api::DeletionNumbers Rooms::deletion_numbers() const {
  const sinks::DeletionState state = maintenance->deletions();
  api::DeletionNumbers numbers{state.open, state.held, state.unreadable, {}};
  const auto say = [&numbers](const std::string& sentence) {
    if (!numbers.problem.empty()) numbers.problem += ' ';
    numbers.problem += sentence;
  };
  if (!state.problem.empty()) say("The list of deletions cannot be read, and none is carried out: " + state.problem);
  if (state.held != 0) {
    say(std::to_string(state.held) + " of the open deletions cannot be carried out: a chunk that they may be about is damaged. Answers leave out what they cover.");
  }
  if (state.unreadable != 0) {
    say(std::to_string(state.unreadable) + " of the open deletions cannot be understood, and questions about what they cover fail: they were written by another version, or are damaged.");
  }
  if (const std::string& file = engine->deletions_put_aside(); !file.empty()) {
    say("The file of known deletions was damaged: while the store is away, answers may show what was deleted before. It lies at " + file +
        "; remove it when you have seen this.");
  }
  return numbers;
}

// serve_command waits for this signal and then asks why.
void Rooms::stop_by_itself(const Error& error) {
  {
    const std::lock_guard lock(mutex);
    failure = error;
  }
  pthread_kill(main_thread, SIGTERM);
}

}  // namespace penstock::app
