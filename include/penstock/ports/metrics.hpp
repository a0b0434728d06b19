// Penstock's own measurements. Rooms register instruments once and keep references; updating one is a relaxed atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace penstock {

// Only grows. Any thread.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Goes up and down. Any thread.
class Gauge {
 public:
  void set(double v) { value_.store(v, std::memory_order_relaxed); }
  void add(double v) { value_.fetch_add(v, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

// Durations or sizes in fixed buckets. Any thread.
class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void observe(double value) = 0;
};

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Names are Prometheus names ("penstock_journal_bytes_total"). Asking again for the same name and labels gives the same
// instrument. References stay valid as long as the registry. Thread-safe.
class MetricsRegistry {
 public:
  virtual ~MetricsRegistry() = default;
  virtual Counter& counter(std::string_view name, std::string_view help, MetricLabels labels = {}) = 0;
  virtual Gauge& gauge(std::string_view name, std::string_view help, MetricLabels labels = {}) = 0;
  // Seconds, buckets 0.5 ms … 60 s.
  virtual Histogram& histogram(std::string_view name, std::string_view help, MetricLabels labels = {}) = 0;
  // A value that is asked for when the metrics are read; `read` must be callable from any thread until the registry ends.
  virtual void gauge_callback(std::string_view name, std::string_view help, MetricLabels labels, std::function<double()> read) = 0;
};

}  // namespace penstock
