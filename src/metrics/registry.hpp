// The instruments of all rooms and their exposition for Prometheus.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "metrics/bucket_histogram.hpp"
#include "penstock/ports/metrics.hpp"

namespace penstock::metrics {

// Thread-safe. Registering takes a lock; updating an instrument does not. A name keeps the kind and help it was first registered with;
// asking for it as another kind, or registering a second callback under one name and labels, is a bug in the caller and throws std::logic_error.
class Registry final : public MetricsRegistry {
 public:
  Registry();
  ~Registry() override;

  Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {}) override;
  Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {}) override;
  Histogram& histogram(std::string_view name, std::string_view help, MetricLabels labels = {}) override;
  void gauge_callback(std::string_view name, std::string_view help, MetricLabels labels, std::function<double()> read) override;

  // Prometheus text format 0.0.4, families by name. Content type: kContentType. Callbacks run without the registry's lock.
  std::string exposition() const;
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  // The value of a counter, gauge or callback, or the count of a histogram; nullopt when there is none.
  std::optional<double> value(std::string_view name, MetricLabels labels = {}) const;
  // The p-quantile (0 … 1) of a histogram, interpolated in its bucket; nullopt when there is none or it is empty.
  std::optional<double> quantile(std::string_view name, double p, MetricLabels labels = {}) const;

 private:
  using Callback = std::function<double()>;
  using Instrument = std::variant<std::unique_ptr<Counter>, std::unique_ptr<Gauge>, std::unique_ptr<BucketHistogram>, Callback>;
  struct Family {
    std::string help;
    std::size_t kind = 0;                      // index in Instrument
    std::map<std::string, Instrument> members;  // by rendered labels: a="1",b="2"
  };

  Instrument& member(std::string_view name, std::string_view help, MetricLabels labels, std::size_t kind,
                     const std::function<Instrument()>& make);
  const Instrument* find(std::string_view name, MetricLabels labels) const;

  mutable std::mutex mutex_;
  std::map<std::string, Family, std::less<>> families_;
};

}  // namespace penstock::metrics
