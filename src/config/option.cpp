#include "config/option.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>
#include <utility>

#include "auth/oidc_settings.hpp"
#include "config/retention_text.hpp"
#include "config/values.hpp"
#include "http/forwarded.hpp"

namespace penstock::config {
namespace {

Error out_of_bounds(const std::string& least, const std::string& most) {
  return Error{ErrorCode::config_error, "must be from " + least + " to " + most + ".", ""};
}

// Each maker takes a function that gives a reference to the option's place in a Config.
template <class Place>
auto& at(Place place, const Config& config) {
  return place(const_cast<Config&>(config));  // get() only reads through it
}

template <class Place>
Option text(std::string key, std::string description, Place place, bool secret = false) {
  return {std::move(key), std::move(description), secret,
          [place](Config& config, std::string_view value) -> Result<void> {
            place(config) = std::string(value);
            return {};
          },
          [place](const Config& config) { return std::string(at(place, config)); }};
}

template <class Place>
Option choice(std::string key, std::string description, std::vector<std::string> values, Place place) {
  std::string all;
  for (const std::string& value : values) all += (all.empty() ? "" : ", ") + value;
  return {std::move(key), std::move(description) + ": " + all, false,
          [=](Config& config, std::string_view value) -> Result<void> {
            if (std::find(values.begin(), values.end(), value) == values.end()) {
              return Error{ErrorCode::config_error, "It must be one of " + all + ".", ""};
            }
            place(config) = std::string(value);
            return {};
          },
          [place](const Config& config) { return std::string(at(place, config)); }};
}

template <class Place>
Option list(std::string key, std::string description, Place place) {
  return {std::move(key), std::move(description) + "; separated by commas", false,
          [place](Config& config, std::string_view value) -> Result<void> {
            auto& items = place(config);
            items.clear();
            while (!value.empty()) {
              const std::size_t end = std::min(value.find(','), value.size());
              if (end > 0) items.emplace_back(value.substr(0, end));
              value.remove_prefix(std::min(end + 1, value.size()));
            }
            return {};
          },
          [place](const Config& config) {
            std::string joined;
            for (const std::string& item : at(place, config)) joined += (joined.empty() ? "" : ",") + item;
            return joined;
          }};
}

template <class Place>
Option on_off(std::string key, std::string description, Place place) {
  return {std::move(key), std::move(description), false,
          [place](Config& config, std::string_view value) -> Result<void> {
            auto parsed = parse_switch(value);
            if (!parsed) return parsed.error();
            place(config) = *parsed;
            return {};
          },
          [place](const Config& config) { return std::string(at(place, config) ? "true" : "false"); }};
}

template <class Place>
Option number(std::string key, std::string description, std::uint64_t least, std::uint64_t most, Place place) {
  description += " (" + std::to_string(least) + " to " + std::to_string(most) + ")";
  return {std::move(key), std::move(description), false,
          [=](Config& config, std::string_view value) -> Result<void> {
            auto parsed = parse_number(value);
            if (!parsed) return parsed.error();
            if (*parsed < least || *parsed > most) return out_of_bounds(std::to_string(least), std::to_string(most));
            place(config) = static_cast<std::remove_cvref_t<decltype(place(config))>>(*parsed);
            return {};
          },
          [place](const Config& config) { return std::to_string(at(place, config)); }};
}

template <class Place>
Option bytes(std::string key, std::string description, std::uint64_t least, std::uint64_t most, Place place) {
  description += " (" + format_bytes(least) + " to " + format_bytes(most) + ")";
  return {std::move(key), std::move(description), false,
          [=](Config& config, std::string_view value) -> Result<void> {
            auto parsed = parse_bytes(value);
            if (!parsed) return parsed.error();
            if (*parsed < least || *parsed > most) return out_of_bounds(format_bytes(least), format_bytes(most));
            place(config) = static_cast<std::remove_cvref_t<decltype(place(config))>>(*parsed);
            return {};
          },
          [place](const Config& config) { return format_bytes(at(place, config)); }};
}

// The place holds a std::chrono duration, or nanoseconds as std::int64_t.
template <class Place>
Option duration(std::string key, std::string description, std::int64_t least, std::int64_t most, Place place) {
  using Held = std::remove_cvref_t<std::invoke_result_t<Place, Config&>>;
  description += " (" + format_duration(least) + " to " + format_duration(most) + ")";
  return {std::move(key), std::move(description), false,
          [=](Config& config, std::string_view value) -> Result<void> {
            auto parsed = parse_duration_or_zero(value);
            if (!parsed) return parsed.error();
            if (*parsed < least || *parsed > most) return out_of_bounds(format_duration(least), format_duration(most));
            if constexpr (std::is_integral_v<Held>) {
              place(config) = *parsed;
            } else {
              place(config) = std::chrono::duration_cast<Held>(std::chrono::nanoseconds(*parsed));
            }
            return {};
          },
          [place](const Config& config) {
            if constexpr (std::is_integral_v<Held>) {
              return format_duration(at(place, config));
            } else {
              return format_duration(std::chrono::nanoseconds(at(place, config)).count());
            }
          }};
}

Option listen() {
  return {"http.listen", "Address and port to listen on, \"127.0.0.1:8080\" or \"[::1]:8080\"; port 0 takes a free one",
          false,
          [](Config& config, std::string_view value) -> Result<void> {
            const std::size_t colon = value.rfind(':');
            auto port = colon == std::string_view::npos ? Result<std::uint64_t>(Error{})
                                                        : parse_number(value.substr(colon + 1));
            if (!port || *port > 65535) {
              return Error{ErrorCode::config_error, "must be an address and a port, such as 127.0.0.1:8080.", ""};
            }
            std::string_view address = value.substr(0, colon);
            if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
            config.http.address = address.empty() ? "0.0.0.0" : std::string(address);
            config.http.port = static_cast<std::uint16_t>(*port);
            return {};
          },
          [](const Config& config) {
            const bool six = config.http.address.find(':') != std::string::npos;
            return (six ? "[" + config.http.address + "]" : config.http.address) + ":" +
                   std::to_string(config.http.port);
          }};
}

Option retention_rules() {
  return {"retention.rules",
          "More specific retention, separated by semicolons: DEPLOYMENT/KIND=AGE[,SIZE], where DEPLOYMENT may be * and "
          "KIND logs, metrics "
          "or *; for example \"shop/logs=7d,2GiB; */metrics=365d\"",
          false,
          [](Config& config, std::string_view value) -> Result<void> {
            auto rules = parse_retention_rules(value);
            if (!rules) return rules.error();
            config.retention.rules = std::move(*rules);
            return {};
          },
          [](const Config& config) { return format_retention_rules(config.retention.rules); }};
}

Option provider_rules() {
  return {"oidc.roles", "Who gets which role, separated by commas: GROUP=ROLE or GROUP=ROLE:DEPLOYMENT, * for everybody; for example \"sre=administrator, dev=viewer:shop\"", false,
          [](Config& config, std::string_view value) -> Result<void> {
            auto rules = auth::parse_provider_rules(value);
            if (!rules) return rules.error();
            config.oidc.provider.rules = std::move(*rules);
            return {};
          },
          [](const Config& config) { return auth::format_provider_rules(config.oidc.provider.rules); }};
}

Option trusted_proxies() {
  Option option = list("http.trusted_proxies",
                       "Addresses and networks of proxies whose X-Forwarded-For or Forwarded tells the client's address; loopback always is one",
                       [](Config& c) -> auto& { return c.http.trusted_proxies; });
  option.set = [set = std::move(option.set)](Config& config, std::string_view value) -> Result<void> {
    if (auto done = set(config, value); !done) return done;
    auto parsed = http::TrustedProxies::parse(config.http.trusted_proxies);
    return parsed ? Result<void>() : Result<void>(parsed.error());
  };
  return option;
}

constexpr std::uint64_t kKiB = 1024, kMiB = kKiB * 1024, kGiB = kMiB * 1024, kTiB = kGiB * 1024;
constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kCentury = 36'500 * kDay;

#define PLACE(member) \
  [](Config & c) -> auto& { return c.member; }

std::vector<Option> make_options() {
  return {
      text("data_dir", "Folder of the journal, the private Postgres and the secrets", PLACE(data_dir)),
      text("web_dir", "Folder of the dashboard; empty: beside the program", PLACE(web_dir)),
      choice("log.level", "What the own log holds", {"debug", "info", "warn", "error", "off"}, PLACE(log.level)),
      on_off("log.json", "Own log as JSON lines", PLACE(log.json)),
      listen(),
      number("http.threads", "I/O threads; 0: one a core", 0, 256, PLACE(http.threads)),
      bytes("http.max_header", "Start line and header fields of a request", kKiB, kMiB, PLACE(http.max_header_bytes)),
      number("http.max_header_fields", "Header fields of a request", 8, 1000, PLACE(http.max_header_fields)),
      bytes("http.max_body", "A request's body, unpacked", kKiB, kGiB, PLACE(http.max_body)),
      number("http.max_connections", "Connections in all; 0: 4096, or 512 where there is 1 GiB of memory or less", 0, 1'000'000,
             PLACE(http.max_connections)),
      bytes("http.connection_memory",
            "What connections hold beside bodies and answers: 7 KiB each, over TLS 48 KiB, and unfinished heads; 0: 32 MiB, or 8 MiB where there is "
            "1 GiB of memory or less; over TLS a 64th of the memory, 16 to 256 MiB", 0, 64 * kGiB, PLACE(http.connection_memory)),
      bytes("http.answer_memory",
            "Answers that their clients have not taken yet; over it the answer is 503; 0: 16 MiB, or 8 MiB where there is 1 GiB of memory or less",
            0, 64 * kGiB, PLACE(http.answer_memory)),
      number("http.max_connections_per_address",
             "Connections of one address; loopback and trusted proxies are not counted, what these pass on is, by the client that they name", 1,
             1'000'000, PLACE(http.max_connections_per_address)),
      trusted_proxies(),
      duration("http.header_timeout", "For a whole header, from its first byte", 100 * kMs, kHour,
               PLACE(http.deadlines.header)),
      duration("http.idle_timeout", "Of a connection without a request", 100 * kMs, kDay, PLACE(http.deadlines.idle)),
      duration("http.handshake_timeout", "For the TLS handshake", 100 * kMs, kHour, PLACE(http.deadlines.handshake)),
      duration("http.body_grace", "A body may take this long, and beyond that its size at the lowest rate", 100 * kMs,
               kHour, PLACE(http.deadlines.body_grace)),
      duration("http.write_stall", "Without a byte taken by the client", 100 * kMs, kHour,
               PLACE(http.deadlines.write_stall)),
      bytes("http.body_min_rate", "The lowest rate of a body, a second", 1, kGiB, PLACE(http.deadlines.body_min_rate)),
      bytes("http.answer_min_rate", "The lowest rate at which a client must take its answer, a second", 1, kGiB,
            PLACE(http.deadlines.answer_min_rate)),
      text("http.tls_certificate", "PEM file with the certificate chain; empty: plain HTTP",
           PLACE(http.tls.certificate_file)),
      text("http.tls_key", "PEM file with the private key", PLACE(http.tls.key_file)),
      on_off("http.allow_plain", "Serve plain HTTP on addresses that are not loopback, behind a proxy that speaks TLS",
             PLACE(allow_plain_http)),
      on_off("http.tls12", "Take TLS 1.2 too, not only 1.3", PLACE(http.tls.allow_tls12)),
      on_off("http.hsts", "Over TLS, tell browsers to come by TLS only from now on, to this host and those below its name", PLACE(http.tls.hsts)),
      text("http.tls_client_ca", "PEM file with the certificates by which clients that show one are known; empty: they are not asked", PLACE(http.tls.client_ca_file)),
      on_off("http.tls_client_required", "Serve only clients that show such a certificate, browsers and health checks too", PLACE(http.tls.client_required)),
      list("http.event_origins", "Origins whose pages may send to /e (* for all)", PLACE(event_origins)),
      duration("http.drain", "For requests under way when the server stops", 0, kHour, PLACE(drain)),
      bytes("ingest.in_flight", "Request bodies held at once, with their batches; over it the answer is 503", kMiB,
            64 * kGiB, PLACE(in_flight_bytes)),
      bytes("ingest.max_record", "One record", kKiB, 64 * kMiB, PLACE(ingest.max_record_bytes)),
      number("ingest.max_fields", "Fields of a log, samples of a point", 1, 100'000, PLACE(ingest.max_fields)),
      number("ingest.max_depth", "Nesting of a record", 1, 1000, PLACE(ingest.max_depth)),
      duration("ingest.max_ahead", "How far ahead of this server's clock a record may be dated", 0, 365 * kDay,
               PLACE(ingest.max_ahead_ns)),
      text("ingest.default_deployment", "Of records that name none", PLACE(auth.default_deployment)),
      text("auth.admin_token",
           "The administrator's token (PENSTOCK_ADMIN_TOKEN works too); empty: the one made at first start",
           PLACE(auth.admin_token), true),
      on_off("auth.bootstrap", "Take the first administrator's token; off: only users and tokens that are in the database", PLACE(auth.bootstrap)),
      duration("auth.keep_known", "How long users and tokens that are known are taken while the database is away; 0: as long as it is", 0, kCentury,
               PLACE(auth.keep_known)),
      number("audit.export_records", "A download of logs with more records is told in the audit log; 0: none is", 0, 1'000'000'000'000, PLACE(audit.export_records)),
      bytes("audit.export_bytes", "So is one of more bytes; 0: none is", 0, 64 * kTiB, PLACE(audit.export_bytes)),
      text("auth.agent_token", "A token that may only send, for an agent beside the server", PLACE(auth.agent_token),
           true),
      text("oidc.public_url", "Address by which browsers reach this server, for log-ins by providers, such as https://logs.example.com; empty: as each request names it",
           PLACE(oidc.public_url)),
      list("oidc.allow_cidrs", "Networks of OpenID providers that are not public, such as 10.0.0.0/8", PLACE(oidc.allow_cidrs)),
      text("oidc.ca_file", "PEM file with the certificates by which providers are trusted; empty: the system's", PLACE(oidc.ca_file)),
      duration("oidc.timeout", "For one question to a provider", 100 * kMs, 60 * kSecond, PLACE(oidc.timeout)),
      text("oidc.issuer", "The OpenID provider of this configuration, as it spells itself; empty: only those that are set up in the page", PLACE(oidc.provider.issuer)),
      text("oidc.id", "Its name in addresses: the redirect URI ends in /api/v1/oidc/ID/callback", PLACE(oidc.provider.id)),
      text("oidc.title", "What stands on its button", PLACE(oidc.provider.title)),
      text("oidc.client_id", "The client id that it gave this server", PLACE(oidc.provider.client_id)),
      text("oidc.client_secret", "The secret with it; empty: none, or from the file", PLACE(oidc.client_secret), true),
      text("oidc.client_secret_file", "File that holds the secret", PLACE(oidc.client_secret_file)),
      text("oidc.scope", "What is asked for, with blanks between", PLACE(oidc.provider.scope)),
      text("oidc.claim", "The claim that holds the groups; dots lead into objects (realm_access.roles)", PLACE(oidc.provider.claim)),
      provider_rules(),
      text("oidc.audience", "What its access tokens call this API (aud), so that they are taken as bearer; empty: they are not", PLACE(oidc.provider.audience)),
      text("oidc.redirect_uri", "The redirect URI as it is registered there; empty: by oidc.public_url", PLACE(oidc.provider.redirect_uri)),
      bytes("journal.disk_budget", "All segment files; over it ingest is refused with 503", 8 * kMiB, 64 * kTiB,
            PLACE(journal.disk_budget)),
      bytes("journal.segment", "One segment file; a quarter of the disk budget at most", 64 * kKiB, kGiB, PLACE(journal.segment_bytes)),
      bytes("journal.idempotency_memory", "Idempotency keys kept in memory, 160 bytes and the answer each; the oldest go first", 64 * kKiB, 16 * kGiB,
            PLACE(journal.idempotency_bytes)),
      bytes("journal.keep_consumed", "Segments that everything has passed are kept up to this size", 0, 64 * kTiB,
            PLACE(journal.keep_consumed_bytes)),
      duration("journal.keep_consumed_age", "… and up to this age", 0, 365 * kDay, PLACE(journal.keep_consumed_age)),
      bytes("journal.free_reserve", "Left free on the disk for others", 0, 64 * kTiB,
            PLACE(journal.free_reserve_bytes)),
      bytes("journal.live_window", "Newest records held in memory for queries", 64 * kKiB, 64 * kGiB,
            PLACE(journal.live_window_bytes)),
      bytes("journal.queue", "Batches waiting for the disk", 64 * kKiB, 64 * kGiB, PLACE(journal.queue_bytes)),
      on_off("journal.compress", "Compress larger frames (SD cards wear out by bytes)", PLACE(journal.compress)),
      on_off("journal.strict", "Refuse to start on a damaged journal instead of setting the damage aside",
             PLACE(journal.strict)),
      choice("seal.cipher",
             "What seals at rest; auto: AES-256-GCM where the CPU has instructions for it, else ChaCha20-Poly1305; none: what comes from now on is "
             "not sealed", {"auto", "aes-256-gcm", "chacha20-poly1305", "fernet", "none"}, PLACE(seal.cipher)),
      text("seal.key_file",
           "File of the outer key; empty: the systemd credential penstock-seal-key, else seal.key in data_dir, which is made at the first start",
           PLACE(seal.key_file)),
      text("seal.key", "The outer key itself (pk1_…), with earlier ones behind it while they are replaced; empty: from the file", PLACE(seal.key), true),
      text("database.url", "postgresql://user:password@host/database; empty: a private Postgres in data_dir",
           PLACE(database.connection.url), true),
      on_off("database.migrate", "Bring the schema up to date at start", PLACE(migrate)),
      number("database.read_connections", "Connections for queries", 1, 64, PLACE(database.read_connections)),
      duration("database.connect_timeout", "For a new connection", kSecond, kHour,
               PLACE(database.connection.connect_timeout)),
      duration("database.statement_timeout", "For one statement", kSecond, kDay,
               PLACE(database.connection.statement_timeout)),
      number("private_postgres.shared_buffers_mb", "Memory for its pages, MiB", 8, 65'536,
             PLACE(private_postgres.shared_buffers_mb)),
      number("private_postgres.max_wal_mb", "Its write-ahead log, MiB", 64, 65'536, PLACE(private_postgres.max_wal_mb)),
      text("private_postgres.bin_dir", "Where its programs are; empty: found", PLACE(private_postgres.bin_directory)),
      text("private_postgres.user", "System user it runs as when Penstock runs as root",
           PLACE(private_postgres.system_user)),
      bytes("store.flush_bytes", "Gathered records are written when they take this much memory", 64 * kKiB, 4 * kGiB,
            PLACE(store.flush_bytes)),
      duration("store.flush_interval", "… or are this old", 10 * kMs, kHour, PLACE(store.flush_interval)),
      number("store.flush_records", "… or are this many", 1, 1'000'000'000, PLACE(store.flush_records)),
      bytes("store.memory", "What may be gathered while the database is slow", kMiB, 64 * kGiB,
            PLACE(store.memory_limit)),
      on_off("store.compaction", "Merge small chunks in the background", PLACE(maintenance.compaction)),
      duration("store.compaction_interval", "How often to look for chunks to merge", 100 * kMs, kDay,
               PLACE(maintenance.compaction_every)),
      duration("store.deletion_settle", "How long a deletion waits for what other servers had not yet stored when it was made", 0, 30 * kDay,
               PLACE(maintenance.settle_deletion)),
      duration("store.deletion_interval", "How often to look for deletions that are to be carried out", 100 * kMs, kDay,
               PLACE(maintenance.deletions_every)),
      duration("retention.logs", "Age at which logs go; 0: never", 0, kCentury, PLACE(retention.logs_ns)),
      duration("retention.metrics", "Age at which metrics go; 0: never", 0, kCentury, PLACE(retention.metrics_ns)),
      bytes("retention.logs_max_bytes", "Size at which the oldest logs go; 0: no limit", 0, 1024 * kTiB,
            PLACE(retention.logs_max_bytes)),
      bytes("retention.metrics_max_bytes", "Size at which the oldest metrics go; 0: no limit", 0, 1024 * kTiB,
            PLACE(retention.metrics_max_bytes)),
      retention_rules(),
      duration("retention.check_interval", "How often to look for what is too old", 100 * kMs, kDay,
               PLACE(maintenance.retention_every)),
      bytes("query.memory", "Of all queries together", kMiB, 64 * kGiB, PLACE(query.memory_bytes)),
      number("query.concurrent", "Queries at once", 1, 256, PLACE(query.concurrent)),
      duration("query.timeout", "Time that one query may take, its waiting included; timeout= asks for less", 100 * kMs, kDay, PLACE(query.timeout_ns)),
      number("query.max_series", "Series with samples in the range of one metrics query", 1, 10'000'000, PLACE(query.max_series)),
      number("query.queue", "Queries that may wait", 0, 100'000, PLACE(query_queue)),
      number("query.downloads", "Streamed answers (format=ndjson, csv) at once; over it the answer is 503", 1, 256, PLACE(query.downloads)),
      number("query.max_tails", "Live tails at once", 0, 100'000, PLACE(tail.max_subscribers)),
  };
}

#undef PLACE

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> table = make_options();
  return table;
}

const Option* find_option(std::string_view key) {
  for (const Option& option : options()) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

std::string environment_name(std::string_view key) {
  std::string name = "PENSTOCK_";
  for (const char c : key) name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return name;
}

}  // namespace penstock::config
