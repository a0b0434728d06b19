#include "http/edge_metrics.hpp"

#include <algorithm>
#include <string>

namespace penstock::http {

EdgeMetrics::EdgeMetrics(MetricsRegistry& registry)
    : registry_(registry),
      received_(registry.counter("penstock_http_received_bytes_total", "Bytes read from clients, after TLS.")),
      connections_(registry.gauge("penstock_http_connections", "Open connections.")),
      seconds_(registry.histogram("penstock_http_request_seconds",
          "From a request's head to the end of its answer.")) {}

void EdgeMetrics::answered(std::string_view method, int status, double seconds) {
  requests_.fetch_add(1, std::memory_order_relaxed);
  if (seconds >= 0) seconds_.observe(seconds);
  const auto known = std::find(kMethods.begin(), kMethods.end() - 1, method);
  const auto index = static_cast<std::size_t>(known - kMethods.begin());
  std::atomic<Counter*>& slot = answered_[index][static_cast<std::size_t>(std::clamp(status, 0, kStatuses - 1))];
  Counter* counter = slot.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &registry_.counter("penstock_http_requests_total", "Requests answered, by method and status.",
                                 {{"method", *known}, {"status", std::to_string(status)}});
    slot.store(counter, std::memory_order_release);
  }
  counter->add();
}

void EdgeMetrics::refused(std::string_view reason) {
  registry_.counter("penstock_http_refused_total", "Requests and connections that the HTTP edge refused, by reason.",
                    {{"reason", reason}}).add();
}

void EdgeMetrics::certificate_ends(std::int64_t epoch_seconds) {
  registry_.gauge("penstock_http_tls_certificate_ends_seconds", "When the certificate that is shown to clients ends, as Unix time.")
      .set(static_cast<double>(epoch_seconds));
}

}  // namespace penstock::http
