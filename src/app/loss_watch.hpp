// Tells the audit log when something was lost: records, samples, dead letters, audit entries. Every loss is counted where it happens; what grew is told.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "metrics/registry.hpp"
#include "penstock/ports/audit_log.hpp"

namespace penstock::app {

// start() and stop() belong to one thread. The references outlive it.
class LossWatch {
 public:
  LossWatch(const metrics::Registry& metrics, AuditLog& audit);
  ~LossWatch();  // stop()

  void start();  // looks at once, then every second
  void stop();   // after a last look
  void look();   // not while it runs

 private:
  void run();

  const metrics::Registry& metrics_;
  AuditLog& audit_;
  std::vector<std::uint64_t> told_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace penstock::app
