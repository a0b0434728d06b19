#include "auth/audit_trail.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "base/log.hpp"
#include "base/named_thread.hpp"

namespace penstock::auth {
namespace {

constexpr std::size_t kAtOnce = 64;
constexpr std::chrono::seconds kAgainAfter{1};

}  // namespace

AuditTrail::AuditTrail(IdentityStore& store, const Clock& clock, MetricsRegistry& metrics, std::size_t most)
    : store_(store), clock_(clock), most_(most),
      lost_(metrics.counter("penstock_audit_lost_total", "Audit entries that could not be kept while the database was away.", {})) {}

AuditTrail::~AuditTrail() { stop(); }

void AuditTrail::tell(AuditEntry entry) {
  if (entry.at.ns == 0) entry.at = clock_.now();
  entry = storable(std::move(entry));
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < most_) {
      waiting_.push_back(std::move(entry));
      changed_.notify_all();
      return;
    }
  }
  lost_.add();
  log::warn("audit", "an entry is lost: the database is away and too many wait",
            {{"actor", entry.actor}, {"action", entry.action}, {"object", entry.object}, {"outcome", entry.outcome}});
}

void AuditTrail::start() {
  thread_ = named_thread("audit", [this] { run(); });
}

void AuditTrail::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AuditTrail::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const bool last = stopping_;
    const std::size_t count = std::min(waiting_.size(), kAtOnce);
    const std::vector<AuditEntry> some(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    lock.unlock();
    const auto written = store_.append(some);
    lock.lock();
    if (written) {
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
      continue;
    }
    if (last) {
      log::warn("audit", "entries are lost: the server stops and the database is away", {{"entries", waiting_.size()}, {"error", full_text(written.error())}});
      return;
    }
    changed_.wait_for(lock, kAgainAfter, [this] { return stopping_; });
  }
}

}  // namespace penstock::auth
