#include "sinks/pump.hpp"

#include <algorithm>

#include "base/named_thread.hpp"
#include "sinks/pump_cycle.hpp"

namespace penstock::sinks {

Pump::Pump(PumpOptions options, Journal& journal, Sink& sink, Clock& clock, MetricsRegistry& metrics,
           std::optional<DeliveryMark> mark)
    : cycle_(std::make_unique<PumpCycle>(options, journal, sink, clock, metrics, std::move(mark))) {}

Pump::~Pump() { stop(std::chrono::milliseconds(0)); }

void Pump::start() {
  thread_ = named_thread("sink-" + std::string(cycle_->sink_name()), [this] { run(); });
}

void Pump::ask_to_stop(std::chrono::milliseconds drain) {
  if (!thread_.joinable() || stopping_) return;
  deadline_ = std::chrono::steady_clock::now() + drain;
  stopping_.store(true, std::memory_order_release);
  cycle_->wake();
}

void Pump::stop(std::chrono::milliseconds drain) {
  ask_to_stop(drain);
  if (thread_.joinable()) thread_.join();
}

void Pump::wake() { cycle_->wake(); }

PumpState Pump::state() const { return cycle_->state(); }

std::string_view Pump::sink_name() const { return cycle_->sink_name(); }

void Pump::run() {
  while (true) {
    const bool draining = stopping_.load(std::memory_order_acquire);
    if (draining && (cycle_->finished() || std::chrono::steady_clock::now() >= deadline_)) break;
    auto pause = cycle_->step(draining);
    if (draining) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
      pause = std::clamp(left, std::chrono::milliseconds(0), pause);
    }
    if (pause.count() > 0) cycle_->rest(pause);
  }
  cycle_->set_phase("stopped");
}

}  // namespace penstock::sinks
