// Hands the batches of the outbox to a server, oldest first.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "agent/agent.hpp"
#include "agent/outbox.hpp"
#include "agent/posting.hpp"
#include "base/backoff.hpp"

namespace penstock::agent {

// One thread delivers; stats may be read from any.
class Deliverer {
 public:
  Deliverer(const AgentOptions& options, Transport& transport, const Clock& clock, Outbox& outbox);

  // Posts one batch if one waits and no pause is on. True when a batch left the outbox.
  bool step();
  void fill(AgentStats& stats) const;

 private:
  void note_rejections(const SpooledBatch& batch, const Outcome& outcome);
  void keep_rejected(const SpooledBatch& batch);

  const AgentOptions& options_;
  Transport& transport_;
  const Clock& clock_;
  Outbox& outbox_;
  Backoff backoff_;
  std::chrono::steady_clock::time_point next_attempt_{};
  std::atomic<std::uint64_t> sent_batches_{0}, sent_records_{0}, rejected_records_{0}, retries_{0};
};

}  // namespace penstock::agent
