#include "ingest/receiver.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/unicode.hpp"
#include "penstock/core/names.hpp"

namespace penstock::ingest {
namespace {

constexpr std::size_t kShownName = 256;  // of a field in a warning
constexpr std::size_t kMaxKnown = 256;  // a request that names more deployments pays for asking again

std::string field_of(std::string_view group, std::string_view name) {
  // A name that was refused may be long or full of control characters: the start tells which one it is.
  constexpr std::size_t shown = 64;
  std::string out(group);
  out += '.';
  for (const char c : name.substr(0, shown)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  while (!out.empty() && name.size() > shown && (static_cast<unsigned char>(out.back()) & 0xc0) == 0x80) out.pop_back();
  if (name.size() > shown && !out.empty() && static_cast<unsigned char>(out.back()) >= 0xc0) out.pop_back();
  return out;
}

}  // namespace

BatchReceiver::BatchReceiver(const Options& options, RequestDefaults defaults, Authorize authorize, BatchWriter& writer, IngestMetrics* metrics,
                             const DeploymentRules* rules)
    : options_(options), defaults_(std::move(defaults)), authorize_(std::move(authorize)), writer_(writer), metrics_(metrics),
      retention_(rules == nullptr ? options.retention : rules->retention), sample_rules_(rules == nullptr ? nullptr : rules->declared.get()) {
  report_.lists_rejected = defaults_.list_rejected;
}

void BatchReceiver::log(std::size_t index, const DecodedLog& log) {
  if (!check_size(index, log.wire_bytes, log.fields.size(), "fields")) return;
  const Known* const known = deployment(index, log.deployment, RecordKind::log);
  if (known == nullptr) return;
  const std::string_view source = log.source.empty() ? std::string_view(defaults_.source) : log.source;
  if (!check_source(index, source, known->may_send.logs)) return;
  const Timestamp time = log.timestamp.value_or(defaults_.received_at);
  if (!check_time(index, time, known->max_age_logs_ns)) return;
  writer_.add(LogView{time, defaults_.received_at, known->name, source, log.severity.value_or(Severity::info), log.message, log.fields});
  ++report_.accepted;
  ++report_.logs;
  if (!log.warnings.empty()) warn(index, log.warnings);
}

void BatchReceiver::point(std::size_t index, const DecodedPoint& point) {
  if (!check_size(index, point.wire_bytes, point.labels.size(), "labels")) return;
  if (!check_size(index, point.wire_bytes, point.samples.size(), "metrics")) return;
  const Known* const known = deployment(index, point.deployment, RecordKind::metric);
  if (known == nullptr) return;
  std::string_view source = point.source;
  asides_.clear();
  if (!check_labels(index, point, source)) return;
  if (source.empty()) source = defaults_.source;
  if (!check_source(index, source, known->may_send.points) || !check_samples(index, point, known->name)) return;
  const Timestamp time = point.timestamp.value_or(defaults_.received_at);
  if (!check_time(index, time, known->max_age_points_ns)) return;
  writer_.add(PointView{time, defaults_.received_at, known->name, source, labels_, samples_});
  ++report_.accepted;
  ++report_.points;
  report_.samples += samples_.size();
  if (!refusals_.empty()) report_.refuse_samples(index, refusals_, options_.max_reported_errors);
  if (point.warnings.empty() && asides_.empty() && refusals_.empty()) return;
  warn(index, point.warnings);
  for (const Error& aside : asides_) warn(index, std::array{Warning{aside.code, aside.field, aside.message}});
  if (metrics_ == nullptr) return;
  const auto of_sample = [](const auto& told) { return told.code == ErrorCode::invalid_value; };
  metrics_->dropped_samples(point.samples.size() - samples_.size() +
                            static_cast<std::uint64_t>(std::count_if(point.warnings.begin(), point.warnings.end(), of_sample)));
}

bool BatchReceiver::set_aside(std::size_t index, Error error) {
  if (defaults_.strict) {
    reject(index, std::move(error));
    return false;
  }
  asides_.push_back(std::move(error));
  return true;
}

void BatchReceiver::warn(std::size_t index, std::span<const Warning> warnings) {
  for (const Warning& warning : warnings) {
    if (metrics_ != nullptr) metrics_->warned(warning.code);
    if (report_.warnings.size() < options_.max_reported_errors) {
      report_.warnings.push_back({index, {warning.code, std::string(warning.message), std::string(warning.field.substr(0, whole_characters(warning.field, kShownName)))}});
    }
  }
}

void BatchReceiver::reject(std::size_t index, Error error) {
  if (metrics_ != nullptr) metrics_->rejected(error.code);
  report_.reject(index, std::move(error), options_.max_reported_errors);
}

const BatchReceiver::Known* BatchReceiver::deployment(std::size_t index, std::string_view given, RecordKind kind) {
  const std::string_view name = given.empty() ? std::string_view(defaults_.deployment) : given;
  const Known* found = nullptr;
  for (const Known& known : known_) {
    if (known.name == name) {
      found = &known;
      break;
    }
  }
  if (found == nullptr) {
    if (name.empty()) {
      reject(index, {ErrorCode::missing_field,
                     "Name a deployment: in the record, in the header X-Penstock-Deployment, or as the token's default.", "deployment"});
      return nullptr;
    }
    if (!is_deployment_name(name)) {
      reject(index, {ErrorCode::invalid_name, std::string(kDeploymentNameRule), "deployment"});
      return nullptr;
    }
    if (known_.size() >= kMaxKnown) known_.clear();
    known_.push_back({std::string(name), authorize_(name), max_age_ns(retention_, name, RecordKind::log),
                      max_age_ns(retention_, name, RecordKind::metric)});
    found = &known_.back();
  }
  if ((kind == RecordKind::log ? found->may_send.logs : found->may_send.points).is_none()) {
    const bool other = !found->may_send.logs.is_none() || !found->may_send.points.is_none();
    const char* const message = !other                      ? "This token may not send to that deployment."
                                : kind == RecordKind::log ? "This token may send metrics to that deployment, but no logs."
                                                          : "This token may send logs to that deployment, but no metrics.";
    reject(index, {ErrorCode::forbidden, message, "deployment"});
    return nullptr;
  }
  return found;
}

bool BatchReceiver::check_source(std::size_t index, std::string_view source, const SourceFilter& may_send_as) {
  if (!check_name(index, source, "source")) return false;
  if (may_send_as.is_all() || may_send_as.covers(source)) return true;
  reject(index, {ErrorCode::forbidden, "This token may not send as that source.", "source"});
  return false;
}

bool BatchReceiver::check_size(std::size_t index, std::size_t wire_bytes, std::size_t items, std::string_view items_name) {
  if (wire_bytes > options_.max_record_bytes) {
    reject(index, {ErrorCode::record_too_large, "A record may have " + std::to_string(options_.max_record_bytes) + " bytes: split it or cut its text.", ""});
    return false;
  }
  if (items > options_.max_fields) {
    reject(index, {ErrorCode::too_many_fields, "A record may have " + std::to_string(options_.max_fields) + " " + std::string(items_name) + ": send fewer.",
                   std::string(items_name)});
    return false;
  }
  return true;
}

bool BatchReceiver::check_name(std::size_t index, std::string_view name, std::string_view what) {
  if (is_name(name, options_.max_name_bytes)) return true;
  if (name.empty()) {
    reject(index, {ErrorCode::missing_field, "Name the " + std::string(what) + ".", std::string(what)});
  } else {
    reject(index, {ErrorCode::invalid_name, "A name has 1 to " + std::to_string(options_.max_name_bytes) + " bytes and no control characters.", std::string(what)});
  }
  return false;
}

bool BatchReceiver::check_time(std::size_t index, Timestamp time, std::int64_t max_age_ns) {
  // Differences of far-apart times do not fit: compare against bounds that stop at the ends of what can be told.
  const std::int64_t received = defaults_.received_at.ns;
  std::int64_t latest = 0, earliest = 0;
  if (__builtin_add_overflow(received, options_.max_ahead_ns, &latest)) latest = INT64_MAX;
  if (time.ns > latest) {
    reject(index, {ErrorCode::timestamp_too_new,
                   "This time lies too far ahead of the server's clock (" + format_rfc3339(defaults_.received_at) + "): set the sender's clock right.", "timestamp"});
    return false;
  }
  if (max_age_ns > 0) {
    if (__builtin_sub_overflow(received, max_age_ns, &earliest)) earliest = INT64_MIN;
    if (time.ns < earliest) {
      reject(index, {ErrorCode::timestamp_too_old,
                     "Records are kept from " + format_rfc3339({earliest}) + " on, and this one is older: check the time, or keep records longer.", "timestamp"});
      return false;
    }
  }
  return true;
}

bool BatchReceiver::check_labels(std::size_t index, const DecodedPoint& point, std::string_view& source) {
  labels_.clear();
  for (const LabelView& label : point.labels) {
    if (label.value.empty()) continue;  // an empty label is the same as none, as in Prometheus
    if (!is_name(label.name, options_.max_name_bytes)) {
      reject(index, {ErrorCode::invalid_name, "A label's name has 1 to " + std::to_string(options_.max_name_bytes) + " bytes and no control characters.",
                     field_of("labels", label.name)});
      return false;
    }
    if (label.name == "source") {
      if (!source.empty() && source != label.value) {
        // As Prometheus names a label that the scrape itself gives.
        if (!set_aside(index, {ErrorCode::invalid_name, "The label source says something else than the point's source: it is kept as exported_source.",
                               "labels.source"})) {
          return false;
        }
        labels_.push_back({"exported_source", label.value});
        continue;
      }
      source = label.value;
      continue;
    }
    if (label.value.size() > options_.max_label_value_bytes) {
      reject(index, {ErrorCode::invalid_value, "A label's value has at most " + std::to_string(options_.max_label_value_bytes) + " bytes.",
                     field_of("labels", label.name)});
      return false;
    }
    labels_.push_back(label);
  }
  return true;
}

bool BatchReceiver::check_samples(std::size_t index, const DecodedPoint& point, std::string_view deployment) {
  samples_.assign(point.samples.begin(), point.samples.end());
  const auto takes = [this](const SampleView& sample) { return std::isfinite(sample.value) && is_name(sample.name, options_.max_name_bytes); };
  if (!std::all_of(samples_.begin(), samples_.end(), takes)) {
    for (const SampleView& sample : point.samples) {
      if (takes(sample)) continue;
      Error error{ErrorCode::invalid_value, "A metric's value is a finite number.", field_of("metrics", sample.name)};
      if (std::isfinite(sample.value)) {
        error.code = ErrorCode::invalid_name;
        error.message = "A metric's name has 1 to " + std::to_string(options_.max_name_bytes) + " bytes and no control characters.";
      }
      if (!set_aside(index, std::move(error))) return false;
    }
    std::erase_if(samples_, [&](const SampleView& sample) { return !takes(sample); });
  }
  if (!samples_.empty()) return sample_rules_.none() || check_declared(index, deployment);
  if (!asides_.empty() && !point.samples.empty()) {
    reject(index, asides_.back());
  } else {
    reject(index, {ErrorCode::missing_field, "A point needs at least one metric: {\"metrics\": {\"cpu.usage\": 12.5}}.", "metrics"});
  }
  return false;
}

bool BatchReceiver::check_declared(std::size_t index, std::string_view deployment) {
  refusals_.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    auto refusal = sample_rules_.refusal(deployment, i, samples_[i]);
    if (!refusal) {
      samples_[kept++] = samples_[i];
      continue;
    }
    if (defaults_.strict) {
      reject(index, std::move(*refusal));
      return false;
    }
    refusals_.push_back(std::move(*refusal));
  }
  samples_.resize(kept);
  if (kept > 0) return true;
  report_.refuse_samples(index, std::span(refusals_).subspan(1), options_.max_reported_errors);
  ++report_.rejected_samples;
  reject(index, std::move(refusals_.front()));
  return false;
}

}  // namespace penstock::ingest
