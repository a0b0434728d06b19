#include "sinks/sink_set.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace penstock::sinks {

SinkSet::SinkSet(PumpOptions options, Journal& journal, Clock& clock, MetricsRegistry& metrics)
    : options_(options), journal_(journal), clock_(clock), metrics_(metrics) {}

SinkSet::~SinkSet() { stop(std::chrono::milliseconds(0)); }

void SinkSet::add(Sink& sink, std::optional<DeliveryMark> mark) {
  const std::lock_guard lock(mutex_);
  pumps_.push_back(std::make_unique<Pump>(options_, journal_, sink, clock_, metrics_, std::move(mark)));
  if (started_ && !stopped_) pumps_.back()->start();
}

void SinkSet::start() {
  const std::lock_guard lock(mutex_);
  if (started_ || stopped_) return;
  started_ = true;
  for (const auto& pump : pumps_) pump->start();
}

bool SinkSet::remove(std::string_view name) {
  std::unique_ptr<Pump> removed;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(pumps_.begin(), pumps_.end(), [name](const auto& pump) { return pump->sink_name() == name; });
    if (found == pumps_.end()) return false;
    removed = std::move(*found);
    pumps_.erase(found);
  }
  removed->stop(std::chrono::milliseconds(0));
  journal_.remove_cursor(std::string(name));
  return true;
}

void SinkSet::stop(std::chrono::milliseconds drain) {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  // All are asked before one is waited for, so that they share the time.
  for (const auto& pump : pumps_) pump->ask_to_stop(drain);
  for (const auto& pump : pumps_) pump->stop(drain);
}

std::vector<PumpState> SinkSet::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<PumpState> states;
  states.reserve(pumps_.size());
  for (const auto& pump : pumps_) states.push_back(pump->state());
  return states;
}

}  // namespace penstock::sinks
