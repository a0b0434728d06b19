// Batches, frames and a sink that does as it is told.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "metrics/registry.hpp"
#include "penstock/core/batch.hpp"
#include "penstock/ports/sink.hpp"
#include "support/fake_chunk_store.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_journal.hpp"

namespace penstock::sinks::test {

using penstock::test::FakeChunkStore;
using penstock::test::FakeClock;
using penstock::test::FakeJournal;

inline constexpr Timestamp kNow = FakeClock::kStart;

inline LogView log_of(std::string_view message, std::string_view deployment = "shop", Timestamp at = kNow) {
  LogView log;
  log.timestamp = at;
  log.received_at = kNow;
  log.deployment = deployment;
  log.source = "till-1";
  log.message = message;
  return log;
}

// One batch of logs with these messages.
inline std::string logs(const std::vector<std::string>& messages, std::string_view deployment = "shop",
                        Timestamp at = kNow) {
  BatchWriter writer;
  for (const auto& message : messages) writer.add(log_of(message, deployment, at));
  return writer.take();
}

inline std::string point(std::string_view source, const std::vector<SampleView>& samples,
                         std::string_view deployment = "shop", Timestamp time = kNow) {
  BatchWriter writer;
  PointView view;
  view.timestamp = time;
  view.received_at = kNow;
  view.deployment = deployment;
  view.source = source;
  view.samples = samples;
  writer.add(view);
  return writer.take();
}

inline Error unavailable() { return {ErrorCode::unavailable, "away", ""}; }

// Takes frames, delivers them when asked; each answer can be set beforehand.
class ScriptedSink final : public Sink {
 public:
  std::string_view name() const override { return "scripted"; }
  Result<Sequence> resume_position() override {
    ++resumed;
    if (!resume_errors.empty()) return pop(resume_errors);
    return start;
  }
  DestinationWriters writers() const override { return written_by; }
  CursorPolicy policy() const override { return lag; }
  Result<void> consume(const FramePtr& frame) override {
    ++consumed;
    if (!consume_errors.empty()) return pop(consume_errors);
    frames.push_back(frame->first);
    delivered_ = frame->next();
    return {};
  }
  Result<void> idle(bool draining) override {
    ++idled;
    drained = drained || draining;
    return {};
  }
  Sequence delivered() const override { return delivered_; }
  void reset() override { ++resets; }

  std::deque<Error> resume_errors, consume_errors;
  std::vector<Sequence> frames;
  Sequence start = 1;
  DestinationWriters written_by;
  CursorPolicy lag;
  int resumed = 0, consumed = 0, idled = 0, resets = 0;
  bool drained = false;

 private:
  static Error pop(std::deque<Error>& errors) {
    Error error = errors.front();
    errors.pop_front();
    return error;
  }
  std::atomic<Sequence> delivered_{0};
};

}  // namespace penstock::sinks::test
