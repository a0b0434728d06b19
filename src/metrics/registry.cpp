#include "metrics/registry.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "metrics/text_format.hpp"

namespace penstock::metrics {
namespace {

constexpr std::size_t kCounter = 0, kGauge = 1, kHistogram = 2, kCallback = 3;

std::string render(MetricLabels labels) {
  std::vector<std::pair<std::string_view, std::string_view>> sorted(labels);
  std::sort(sorted.begin(), sorted.end());
  std::string out;
  for (const auto& [name, value] : sorted) {
    if (!out.empty()) out += ',';
    text_format::append_label(out, name, value);
  }
  return out;
}

// Gauges and callbacks may share a family: both are gauges to whoever reads.
std::size_t family_kind(std::size_t kind) { return kind == kCallback ? kGauge : kind; }

}  // namespace

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Instrument& Registry::member(std::string_view name, std::string_view help, MetricLabels labels, std::size_t kind,
                                       const std::function<Instrument()>& make) {
  auto family = families_.find(name);
  if (family == families_.end()) {
    family = families_.emplace(std::string(name), Family{std::string(help), family_kind(kind), {}}).first;
  }
  const std::string key = render(labels);
  auto found = family->second.members.find(key);
  const bool mismatch = family->second.kind != family_kind(kind) ||
                        (found != family->second.members.end() && found->second.index() != kind);
  if (mismatch) throw std::logic_error("The metric " + std::string(name) + " is already registered as another kind.");
  // Two who register a callback would each think that it is theirs which is read.
  if (kind == kCallback && found != family->second.members.end()) {
    throw std::logic_error("The metric " + std::string(name) + " is already registered.");
  }
  if (found == family->second.members.end()) found = family->second.members.emplace(key, make()).first;
  return found->second;
}

Counter& Registry::counter(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock(mutex_);
  return *std::get<kCounter>(member(name, help, labels, kCounter, [] { return Instrument(std::make_unique<Counter>()); }));
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock(mutex_);
  return *std::get<kGauge>(member(name, help, labels, kGauge, [] { return Instrument(std::make_unique<Gauge>()); }));
}

Histogram& Registry::histogram(std::string_view name, std::string_view help, MetricLabels labels) {
  const std::lock_guard lock(mutex_);
  return *std::get<kHistogram>(
      member(name, help, labels, kHistogram, [] { return Instrument(std::make_unique<BucketHistogram>()); }));
}

void Registry::gauge_callback(std::string_view name, std::string_view help, MetricLabels labels, std::function<double()> read) {
  const std::lock_guard lock(mutex_);
  member(name, help, labels, kCallback, [] { return Instrument(Callback()); }) = std::move(read);
}

std::string Registry::exposition() const {
  struct Pending {
    std::size_t at;  // in the text, where the value goes
    Callback read;
  };
  std::string text;
  std::vector<Pending> pending;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, family] : families_) {
      constexpr std::string_view kinds[] = {"counter", "gauge", "histogram"};
      text_format::append_head(text, name, family.help, kinds[family.kind]);
      for (const auto& [labels, instrument] : family.members) {
        switch (instrument.index()) {
          case kCounter:
            text_format::append_sample(text, name, labels, static_cast<double>(std::get<kCounter>(instrument)->value()));
            break;
          case kGauge: text_format::append_sample(text, name, labels, std::get<kGauge>(instrument)->value()); break;
          case kHistogram: text_format::append_histogram(text, name, labels, std::get<kHistogram>(instrument)->snapshot()); break;
          default:
            text_format::append_name(text, name, labels);
            pending.push_back({text.size(), std::get<kCallback>(instrument)});
            text += '\n';
        }
      }
    }
  }
  // A callback may take locks of its room, whose holder may be registering: never under ours.
  std::string out;
  out.reserve(text.size() + pending.size() * 16);
  std::size_t copied = 0;
  for (const Pending& value : pending) {
    out.append(text, copied, value.at - copied);
    copied = value.at;
    text_format::append_value(out, value.read());
  }
  return out.append(text, copied);
}

const Registry::Instrument* Registry::find(std::string_view name, MetricLabels labels) const {
  const auto family = families_.find(name);
  if (family == families_.end()) return nullptr;
  const auto found = family->second.members.find(render(labels));
  return found == family->second.members.end() ? nullptr : &found->second;
}

std::optional<double> Registry::value(std::string_view name, MetricLabels labels) const {
  Callback callback;
  {
    const std::lock_guard lock(mutex_);
    const Instrument* const instrument = find(name, labels);
    if (instrument == nullptr) return std::nullopt;
    switch (instrument->index()) {
      case kCounter: return static_cast<double>(std::get<kCounter>(*instrument)->value());
      case kGauge: return std::get<kGauge>(*instrument)->value();
      case kHistogram: return static_cast<double>(std::get<kHistogram>(*instrument)->snapshot().count());
      default: callback = std::get<kCallback>(*instrument);
    }
  }
  return callback();
}

std::optional<double> Registry::quantile(std::string_view name, double p, MetricLabels labels) const {
  const std::lock_guard lock(mutex_);
  const Instrument* const instrument = find(name, labels);
  if (instrument == nullptr || instrument->index() != kHistogram) return std::nullopt;
  const auto snapshot = std::get<kHistogram>(*instrument)->snapshot();
  if (snapshot.count() == 0) return std::nullopt;
  return metrics::quantile(snapshot, p);
}

}  // namespace penstock::metrics
