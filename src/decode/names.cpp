#include "decode/names.hpp"

#include <algorithm>
#include <array>

#include "base/short_bytes.hpp"

namespace penstock::decode {
namespace {

constexpr auto logs = Records::logs;
constexpr auto points = Records::points;
constexpr auto both = Records::both;

// A row's place within its role is its rank. docs/loggers.md is made from this table and from the outputs in tests/data/decode/loggers,
// where each name is used by one of those that `from` tells.
constexpr auto kKnown = std::to_array<KnownName>({
    {"timestamp", Role::time, both, "Penstock, GELF, structlog, winston, tracing (Rust), AWS Lambda"},
    {"time", Role::time, both, "slog, pino, bunyan, zerolog, logrus, Splunk HEC, Docker, GitLab"},
    {"ts", Role::time, both, "zap, go-kit/log, Caddy, Zeek, klog"},
    {"@timestamp", Role::time, both, "Logstash, Elastic Common Schema, Filebeat, hclog"},
    {"_time", Role::time, both, "VictoriaLogs, Axiom"},
    {"@t", Role::time, both, "Serilog (compact)"},
    {"Timestamp", Role::time, both, ".NET console, Serilog (JsonFormatter), OpenTelemetry Collector"},
    {"timestamp.seconds", Role::time, both, "Google Cloud (protobuf)", Reading::second},
    {"timestampSeconds", Role::time, both, "Google Cloud Logging agent", Reading::second},
    {"timestamp.$date", Role::time, both, "MongoDB export"},
    {"timestamp.$date.$numberLong", Role::time, both, "MongoDB export (canonical)"},
    {"t.$date", Role::time, both, "MongoDB server"},
    {"instant.epochSecond", Role::time, both, "Log4j 2 (JsonLayout)", Reading::second},
    {"timeMillis", Role::time, both, "Log4j 2 (JsonLayout before 2.11)"},
    {"timeUnixNano", Role::time, both, "OpenTelemetry (OTLP JSON)"},
    {"observedTimeUnixNano", Role::time, both, "OpenTelemetry (OTLP JSON)"},
    {"t", Role::time, both, "log15, go-ethereum", Reading::recent},
    {"datetime", Role::time, both, "Monolog", Reading::recent},
    {"datetime.date", Role::time, both, "Monolog 1"},
    {"asctime", Role::time, both, "python-json-logger", Reading::recent},
    {"record.time.timestamp", Role::time, both, "loguru"},
    {"_SOURCE_REALTIME_TIMESTAMP", Role::time, both, "journald"},
    {"__REALTIME_TIMESTAMP", Role::time, both, "journald"},
    {"timereported", Role::time, both, "rsyslog", Reading::recent},
    {"EventTime", Role::time, both, "NXLog", Reading::recent},
    {"eventTime", Role::time, both, "AWS CloudTrail, Kubernetes Events", Reading::recent},
    {"lastTimestamp", Role::time, both, "Kubernetes Events", Reading::recent},
    {"requestReceivedTimestamp", Role::time, both, "Kubernetes audit"},
    {"start_time", Role::time, both, "Envoy, Istio", Reading::recent},
    {"EdgeStartTimestamp", Role::time, both, "Cloudflare Logpush"},
    {"TimeGenerated", Role::time, both, "Azure Monitor"},
    {"unixTime", Role::time, both, "osquery"},
    {"published", Role::time, both, "Okta", Reading::recent},
    {"date_time", Role::time, both, "ClickHouse", Reading::recent},
    {"DATE", Role::time, both, "syslog-ng", Reading::recent},
    {"date", Role::time, both, "Fluent Bit, Auth0", Reading::recent},

    {"timestamp.nanos", Role::nanos, both, "Google Cloud (protobuf)"},
    {"timestampNanos", Role::nanos, both, "Google Cloud Logging agent"},
    {"instant.nanoOfSecond", Role::nanos, both, "Log4j 2 (JsonLayout)"},

    {"message", Role::message, logs, "Penstock, Logstash, Elastic Common Schema, winston, Monolog, zerolog"},
    {"msg", Role::message, logs, "slog, pino, bunyan, zap, logrus, MongoDB server"},
    {"_msg", Role::message, logs, "VictoriaLogs"},
    {"log", Role::message, logs, "Docker, Fluent Bit", Reading::line},
    {"body", Role::message, logs, "OpenTelemetry (filelog, Vector)"},
    {"Message", Role::message, logs, ".NET console, NXLog"},
    {"MESSAGE", Role::message, logs, "journald, syslog-ng"},
    {"@message", Role::message, logs, "hclog, Terraform, Amazon CloudWatch Logs Insights"},
    {"@m", Role::message, logs, "Serilog (compact, rendered)"},
    {"short_message", Role::message, logs, "GELF"},
    {"textPayload", Role::message, logs, "Google Cloud Logging (text)"},
    {"jsonPayload.message", Role::message, logs, "Google Cloud Logging"},
    {"RenderedMessage", Role::message, logs, "Serilog (JsonFormatter)"},
    {"body.stringValue", Role::message, logs, "OpenTelemetry (OTLP JSON)"},
    {"Body", Role::message, logs, "OpenTelemetry Collector"},
    {"fields.message", Role::message, logs, "tracing (Rust)"},
    {"record.message", Role::message, logs, "loguru"},
    {"event.message", Role::message, logs, "Splunk HEC"},
    {"event.line", Role::message, logs, "Docker (Splunk driver)"},
    {"event", Role::message, logs, "structlog, Splunk HEC"},
    {"text", Role::message, logs, "loguru"},
    {"line", Role::message, logs, "Vercel, Promtail"},
    {"output", Role::message, logs, "Falco"},
    {"note", Role::message, logs, "Kubernetes Events (events.k8s.io)"},
    {"displayMessage", Role::message, logs, "Okta"},
    {"errorMessage", Role::message, logs, "AWS Lambda (error), AWS CloudTrail"},
    {"@mt", Role::message, logs, "Serilog (compact)"},
    {"MessageTemplate", Role::message, logs, "Serilog (JsonFormatter)"},
    {"full_log", Role::message, logs, "Wazuh"},
    {"event.original", Role::message, logs, "Elastic Common Schema"},
    {"description", Role::message, logs, "Auth0"},

    {"severity", Role::severity, logs, "Penstock, Google Cloud Logging, GitLab"},
    {"level_name", Role::severity, logs, "Monolog"},
    {"levelname", Role::severity, logs, "python-json-logger"},
    {"level", Role::severity, logs, "slog, zap, zerolog, logrus, pino, bunyan, winston, structlog, log4j, logback"},
    {"lvl", Role::severity, logs, "log15, go-ethereum"},
    {"log.level", Role::severity, logs, "Elastic Common Schema"},
    {"Level", Role::severity, logs, "Serilog (JsonFormatter)"},
    {"LogLevel", Role::severity, logs, ".NET console"},
    {"loglevel", Role::severity, logs, "Odoo, WildFly"},
    {"log_level", Role::severity, logs, "Airbyte, Istio"},
    {"@l", Role::severity, logs, "Serilog (compact)"},
    {"@level", Role::severity, logs, "hclog, Terraform"},
    {"SeverityText", Role::severity, logs, "OpenTelemetry Collector"},
    {"severityText", Role::severity, logs, "OpenTelemetry (OTLP JSON)"},
    {"severity_text", Role::severity, logs, "OpenTelemetry (filelog, Vector)"},
    {"record.level.name", Role::severity, logs, "loguru"},
    {"jsonPayload.level", Role::severity, logs, "Google Cloud Logging"},
    {"event.level", Role::severity, logs, "Splunk HEC"},
    {"event.severity", Role::severity, logs, "Splunk HEC"},
    {"severityNumber", Role::severity, logs, "OpenTelemetry (OTLP JSON)", Reading::otel_number},
    {"SeverityNumber", Role::severity, logs, "OpenTelemetry Collector", Reading::otel_number},
    {"severity_number", Role::severity, logs, "OpenTelemetry (filelog, Vector)", Reading::otel_number},
    {"levelno", Role::severity, logs, "python-json-logger", Reading::python_number},
    {"Severity", Role::severity, logs, "NXLog"},
    {"error_severity", Role::severity, logs, "PostgreSQL (jsonlog)"},
    {"PRIORITY", Role::severity, logs, "journald, syslog-ng"},
    {"syslogseverity", Role::severity, logs, "rsyslog"},
    {"priority", Role::severity, logs, "Falco, Fluentd"},
    {"s", Role::severity, logs, "MongoDB server", Reading::letter},

    {"source", Role::source, both, "Penstock, Splunk HEC"},
    {"host", Role::source, both, "GELF, Splunk HEC, Telegraf"},
    {"hostname", Role::source, both, "pino, bunyan, rsyslog, Falco"},
    {"service", Role::source, both, "Datadog"},
    {"logger", Role::source, both, "zap, structlog, tracing, Quarkus"},
    {"kubernetes.pod_name", Role::source, both, "Fluent Bit, Fluentd, Vector"},
    {"kubernetes.pod.name", Role::source, both, "Filebeat"},
    {"host.name", Role::source, both, "Elastic Common Schema, Filebeat"},
    {"host.hostname", Role::source, both, "Elastic Common Schema, Winlogbeat"},
    {"service.name", Role::source, both, "Elastic Common Schema, OpenTelemetry"},
    {"resource.service.name", Role::source, both, "OpenTelemetry Collector"},
    {"serviceContext.service", Role::source, both, "Google Cloud Error Reporting"},
    {"resource.labels.pod_name", Role::source, both, "Google Cloud Logging"},
    {"_HOSTNAME", Role::source, both, "journald"},
    {"HOST", Role::source, both, "syslog-ng"},
    {"Hostname", Role::source, both, "NXLog"},
    {"hostIdentifier", Role::source, both, "osquery"},
    {"hostName", Role::source, both, "Quarkus, WildFly"},
    {"container_name", Role::source, both, "Docker (Fluentd driver)"},
    {"source.component", Role::source, both, "Kubernetes Events"},
    {"log.logger", Role::source, both, "Elastic Common Schema"},
    {"logger_name", Role::source, both, "Logstash (logback encoder), ClickHouse"},
    {"loggerName", Role::source, both, "Log4j 2 (JsonLayout), Quarkus"},

    {"deployment", Role::deployment, both, "Penstock"},

    {"fields", Role::fields, logs, "Penstock"},
    {"labels", Role::labels, points, "Penstock"},
    {"tags", Role::labels, points, "Telegraf, InfluxDB, OpenTSDB, Datadog"},
    {"metrics", Role::metrics, points, "Penstock"},
    {"fields", Role::metrics, points, "Telegraf, InfluxDB"},
    {"name", Role::name, points, "Penstock, Telegraf"},
    {"metric", Role::name, points, "OpenTSDB, Datadog"},
    {"value", Role::value, points, "Penstock, OpenTSDB"},
});

constexpr std::string_view kFieldsPrefix = "fields.";

constexpr std::size_t kSlots = 1024;
static_assert(kKnown.size() < 255 && kKnown.size() * 4 < kSlots);

constexpr std::size_t hash_of(std::string_view name) {
  const auto byte = [name](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(name[at])); };
  const std::size_t size = name.size();
  return (size * 3 + byte(0) * 7 + byte(size - 1) * 61 + byte(size / 2) * 149) % kSlots;
}

struct Index {
  std::array<std::uint8_t, kSlots> rows{};               // row + 1, linear probing; 0 is free
  std::array<std::uint8_t, kKnown.size()> ranks{};
  std::size_t longest = 0;
};

constexpr Index make_index() {
  Index index;
  std::array<std::uint8_t, 16> of_role{};
  for (std::size_t row = 0; row < kKnown.size(); ++row) {
    const KnownName& known = kKnown[row];
    index.ranks[row] = static_cast<std::uint8_t>(kCanonicalRank + of_role[static_cast<std::size_t>(known.role)]++);
    index.longest = std::max(index.longest, known.name.size());
    std::size_t slot = hash_of(known.name);
    while (index.rows[slot] != 0) slot = (slot + 1) % kSlots;
    index.rows[slot] = static_cast<std::uint8_t>(row + 1);
  }
  return index;
}

constexpr Index kIndex = make_index();

// The rows of names within `fields`.
constexpr std::size_t kInFieldsCount = std::count_if(kKnown.begin(), kKnown.end(), [](const KnownName& known) { return known.name.starts_with(kFieldsPrefix); });
constexpr auto kInFields = [] {
  std::array<std::uint8_t, kInFieldsCount> rows{};
  std::size_t count = 0;
  for (std::size_t row = 0; row < kKnown.size(); ++row) {
    if (kKnown[row].name.starts_with(kFieldsPrefix)) rows[count++] = static_cast<std::uint8_t>(row);
  }
  return rows;
}();

constexpr std::uint64_t sizes_in_fields() {
  std::uint64_t sizes = 0;
  for (const std::uint8_t row : kInFields) sizes |= std::uint64_t{1} << (kKnown[row].name.size() - kFieldsPrefix.size());
  return sizes;
}

}  // namespace

constinit const std::uint64_t kSizesInFields = sizes_in_fields();

std::span<const KnownName> known_names() { return kKnown; }

Claim claim_of(std::string_view name, RecordKind kind) {
  if (name.empty() || name.size() > kIndex.longest) return {};
  const auto wanted = static_cast<unsigned>(kind == RecordKind::log ? Records::logs : Records::points);
  for (std::size_t slot = hash_of(name); kIndex.rows[slot] != 0; slot = (slot + 1) % kSlots) {
    const std::size_t row = kIndex.rows[slot] - std::size_t{1};
    const KnownName& known = kKnown[row];
    if (same_bytes(known.name, name) && (static_cast<unsigned>(known.records) & wanted) != 0) return {known.role, kIndex.ranks[row], known.reading};
  }
  return {};
}

Claim claim_in_fields(std::string_view key, RecordKind kind) {
  for (const std::uint8_t row : kInFields) {
    const KnownName& known = kKnown[row];
    const auto wanted = static_cast<unsigned>(kind == RecordKind::log ? Records::logs : Records::points);
    if (same_bytes(known.name.substr(kFieldsPrefix.size()), key) && (static_cast<unsigned>(known.records) & wanted) != 0) {
      return {known.role, kIndex.ranks[row], known.reading};
    }
  }
  return {};
}

}  // namespace penstock::decode
