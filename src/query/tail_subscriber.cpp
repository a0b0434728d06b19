#include "query/tail_subscriber.hpp"

#include "query/json.hpp"

namespace penstock::query {

bool TailSubscriber::tell_gap() {
  if (skipped_ == 0) return true;
  if (!sink_(TailEvent::gap, {}, gap_json(skipped_))) return false;
  skipped_ = 0;
  return true;
}

bool TailSubscriber::offer(RecordId id, const std::string& json) {
  std::lock_guard lock(mutex_);
  if (!sink_) return true;
  if (tell_gap() && sink_(TailEvent::record, id, json)) return true;
  ++skipped_;
  return false;
}

void TailSubscriber::skip(std::uint64_t records) {
  std::lock_guard lock(mutex_);
  skipped_ += records;
}

void TailSubscriber::flush() {
  std::lock_guard lock(mutex_);
  if (sink_) tell_gap();
}

void TailSubscriber::end() {
  std::lock_guard lock(mutex_);
  sink_ = nullptr;
}

}  // namespace penstock::query
