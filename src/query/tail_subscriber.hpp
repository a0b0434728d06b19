// One live tail: what it asks for, and how many records it could not take.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "penstock/core/ids.hpp"
#include "query/matcher.hpp"
#include "query/scope.hpp"
#include "query/tail_hub.hpp"

namespace penstock::query {

// offer, skip and flush are called on the hub's thread, end on any.
class TailSubscriber {
 public:
  TailSubscriber(Deployments deployments, Matcher matcher, Sequence from, TailSink sink)
      : deployments_(std::move(deployments)), matcher_(std::move(matcher)), from_(from), sink_(std::move(sink)) {}

  Sequence from() const { return from_; }
  std::size_t regex_bytes() const { return matcher_.memory_bytes(); }
  bool asks_for(Sequence sequence, const LogView& log) const {
    return sequence >= from_ && deployments_.contains(log.deployment) && matcher_.matches(log);
  }
  bool offer(RecordId id, const std::string& json);  // false: not taken, counted
  void skip(std::uint64_t records);
  void flush();                         // tells a gap that nothing followed yet
  void end();                           // the sink is not called after this

 private:
  bool tell_gap();

  const Deployments deployments_;
  const Matcher matcher_;
  const Sequence from_;
  std::mutex mutex_;
  TailSink sink_;  // empty: ended
  std::uint64_t skipped_ = 0;
};

}  // namespace penstock::query
