// Writes what it is told into the audit log of the store, on a thread of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "penstock/ports/audit_log.hpp"
#include "penstock/ports/clock.hpp"
#include "penstock/ports/identity_store.hpp"
#include "penstock/ports/metrics.hpp"

namespace penstock::auth {

class AuditTrail final : public AuditLog {
 public:
  // The references outlive it.
  AuditTrail(IdentityStore& store, const Clock& clock, MetricsRegistry& metrics, std::size_t most = 4096);
  ~AuditTrail() override;  // stop()

  void tell(AuditEntry entry) override;
  // From here on entries are written; those told before wait.
  void start();
  // Tries once more to write what waits.
  void stop();

 private:
  void run();

  IdentityStore& store_;
  const Clock& clock_;
  const std::size_t most_;
  Counter& lost_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<AuditEntry> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace penstock::auth
