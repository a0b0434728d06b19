// Writes what it is told into the audit log of the store, on a thread of its own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
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
  // What waits for the store while that is away is kept in this file too, so that it is told after a restart. Reads what an earlier run left. Before the first
  // tell(). After a crash in the moment in which the store is back, an entry may be there twice.
  void keep_in(std::string file);
  // From here on entries are written; those told before wait.
  void start();
  // Tries once more to write what waits.
  void stop();

 private:
  void run();
  void keep(const std::deque<AuditEntry>& entries);

  IdentityStore& store_;
  const Clock& clock_;
  const std::size_t most_;
  Counter& lost_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<AuditEntry> waiting_;
  bool stopping_ = false;
  std::string file_;  // empty: none
  bool kept_ = false;  // there is something in it
  std::thread thread_;
};

}  // namespace penstock::auth
