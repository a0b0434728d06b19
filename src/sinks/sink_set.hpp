// The destinations of a server, each on a thread and at a pace of its own.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "penstock/ports/clock.hpp"
#include "penstock/ports/journal.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sink.hpp"
#include "sinks/delivery_mark.hpp"
#include "sinks/pump.hpp"

namespace penstock::sinks {

// Thread-safe. All that is referred to, the sinks too, must outlive it.
class SinkSet {
 public:
  SinkSet(PumpOptions options, Journal& journal, Clock& clock, MetricsRegistry& metrics);
  ~SinkSet();  // stop(0)

  // Holds the journal from now on, so that nothing goes before the sink's position is known. `mark`: as for a Pump. Names are unique. Once start() was
  // called, a sink that is added runs at once.
  void add(Sink& sink, std::optional<DeliveryMark> mark = std::nullopt);
  void start();
  // The sink is not called any more when it returns, and holds nothing back. false: there is none of that name.
  bool remove(std::string_view name);
  // All deliver what is durable now, at the same time, for at most `drain`; then their threads end. Idempotent.
  void stop(std::chrono::milliseconds drain);

  std::vector<PumpState> states() const;  // in the order of add()

 private:
  const PumpOptions options_;
  Journal& journal_;
  Clock& clock_;
  MetricsRegistry& metrics_;
  mutable std::mutex mutex_;
  bool started_ = false, stopped_ = false;
  std::vector<std::unique_ptr<Pump>> pumps_;
};

}  // namespace penstock::sinks
