// Turns samples and lines of files into batches in the outbox.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "agent/agent.hpp"
#include "agent/line_record.hpp"
#include "agent/outbox.hpp"
#include "agent/sampler.hpp"
#include "agent/tail_set.hpp"

namespace penstock::agent {

// One thread.
class Collector {
 public:
  Collector(const AgentOptions& options, std::string source, const Clock& clock, Outbox& outbox);

  // Looks at the machine and the files when it is time. True when something was put into the outbox.
  bool step();
  // NULs that were left out of files. Any thread.
  std::uint64_t skipped_bytes() const { return skipped_bytes_; }

 private:
  bool sample();
  bool read_files();
  bool put_lines();
  void add_line(const std::string& path, const LogLine& line);

  const AgentOptions& options_;
  std::string source_;
  RecordOptions record_options_;
  const Clock& clock_;
  Outbox& outbox_;
  Sampler sampler_;
  TailSet tails_;
  std::uint64_t told_changes_ = ~std::uint64_t{0};  // of the places that the outbox has
  std::string lines_;  // NDJSON of the batch being made
  std::uint32_t line_count_ = 0;
  std::atomic<std::uint64_t> skipped_bytes_{0};
  std::chrono::steady_clock::time_point next_sample_{}, next_look_{}, next_save_{}, next_full_save_{};
};

}  // namespace penstock::agent
