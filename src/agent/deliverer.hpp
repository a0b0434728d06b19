// Hands the batches of the outbox to a server, oldest first.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/agent.hpp"
#include "agent/outbox.hpp"
#include "agent/posting.hpp"
#include "base/backoff.hpp"

namespace penstock::agent {

// One thread delivers; stats may be read from any.
class Deliverer {
 public:
  Deliverer(const AgentOptions& options, Transport& transport, const Clock& clock, Outbox& outbox);

  // Posts one batch, or one part of a batch that was too large for one request, if one waits and no pause is on. True when that brought
  // the batch nearer to leaving the outbox.
  bool step();
  void fill(AgentStats& stats) const;

 private:
  // Records [from, to) of a batch. The key of a part follows from the batch's, so that a restart, which begins with the whole batch
  // again, stores no part twice.
  struct Part {
    std::uint32_t from = 0, to = 0;
    std::string_view body;  // within `batch`
    std::string key;
  };

  void pause(const Outcome& outcome);
  void halve(const SpooledBatch& batch, const Part& part);
  void settle(const Part& part, const Outcome& outcome);
  void keep_rejected(std::string_view refused, std::uint64_t records);

  const AgentOptions& options_;
  Transport& transport_;
  const Clock& clock_;
  Outbox& outbox_;
  Backoff backoff_;
  std::uint64_t halved_ = 0;                                               // sequence of the batch that goes in parts
  std::vector<std::pair<std::uint32_t, std::uint32_t>> parts_;             // of it, those not settled yet; the next one is the last
  std::chrono::steady_clock::time_point next_attempt_{};
  std::atomic<std::uint64_t> sent_batches_{0}, sent_records_{0}, rejected_records_{0}, retries_{0};
};

}  // namespace penstock::agent
