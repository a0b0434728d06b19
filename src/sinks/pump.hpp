// Drives one sink on a thread of its own: reads durable frames in order, hands them over, keeps the pace the sink can
// take.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "penstock/ports/clock.hpp"
#include "penstock/ports/journal.hpp"
#include "penstock/ports/metrics.hpp"
#include "penstock/ports/sink.hpp"
#include "sinks/delivery_mark.hpp"
#include "sinks/pump_options.hpp"
#include "sinks/pump_state.hpp"

namespace penstock::sinks {

class PumpCycle;

// The references must outlive the pump. start and stop belong to one thread; state and wake are for any.
class Pump {
 public:
  // Registers the sink with the journal at its oldest record, so that nothing is deleted before the sink's position is
  // known. `mark`: of sinks whose destination others may write to with the same journal.
  Pump(PumpOptions options, Journal& journal, Sink& sink, Clock& clock, MetricsRegistry& metrics, std::optional<DeliveryMark> mark = std::nullopt);
  ~Pump();  // stop(0)

  void start();
  // Delivers what is durable now, for at most `drain`, then ends the thread. What is left stays in the journal.
  // Idempotent.
  void stop(std::chrono::milliseconds drain);
  // The same without waiting for the thread; a stop() that follows waits as long as this allowed.
  void ask_to_stop(std::chrono::milliseconds drain);
  // Looks for frames and calls Sink::idle at once, also in the middle of a back-off.
  void wake();

  PumpState state() const;
  std::string_view sink_name() const;

 private:
  void run();

  std::unique_ptr<PumpCycle> cycle_;
  std::atomic<bool> stopping_{false};
  std::chrono::steady_clock::time_point deadline_{};
  std::thread thread_;
};

}  // namespace penstock::sinks
