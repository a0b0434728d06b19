#include "app/loss_watch.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "base/named_thread.hpp"

namespace penstock::app {
namespace {

constexpr std::chrono::seconds kLookEvery{1};

// A counter of what cannot be had any more, and what to call it. All counters that tell of a loss stand here.
struct Loss {
  const char* counter;
  std::array<std::pair<std::string_view, std::string_view>, 2> labels;  // none, or two
  const char* object;
  const char* what;
};

constexpr std::array kLosses = {
    Loss{"penstock_journal_lost_records_total", {}, "journal", "records damaged on disk; their bytes are in quarantine"},
    Loss{"penstock_sink_dropped_total", {{{"sink", "postgres"}, {"reason", "journal_gap"}}}, "journal", "records missing before they were stored"},
    Loss{"penstock_damaged_chunks_total", {{{"found_by", "housekeeping"}, {"part", "content"}}}, "store", "chunks damaged, found by housekeeping"},
    Loss{"penstock_damaged_chunks_total", {{{"found_by", "query"}, {"part", "content"}}}, "store", "chunks damaged, found by a query"},
    Loss{"penstock_retention_early_records_total", {}, "store", "records dropped before their age, for want of room"},
    Loss{"penstock_dead_letters_dropped_total", {}, "dead-letter", "dead letters dropped, for want of room"},
    Loss{"penstock_audit_lost_total", {}, "audit", "audit entries lost while the database was away"},
};

}  // namespace

LossWatch::LossWatch(const metrics::Registry& metrics, AuditLog& audit) : metrics_(metrics), audit_(audit), told_(kLosses.size(), 0) {}

LossWatch::~LossWatch() { stop(); }

void LossWatch::start() {
  thread_ = named_thread("loss-watch", [this] { run(); });
}

void LossWatch::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  look();
}

void LossWatch::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    look();
    lock.lock();
    changed_.wait_for(lock, kLookEvery, [this] { return stopping_; });
  }
}

void LossWatch::look() {
  for (std::size_t i = 0; i < kLosses.size(); ++i) {
    const Loss& loss = kLosses[i];
    const auto value = loss.labels[0].first.empty() ? metrics_.value(loss.counter) : metrics_.value(loss.counter, {loss.labels[0], loss.labels[1]});
    const auto now = static_cast<std::uint64_t>(value.value_or(0));
    if (now <= told_[i]) continue;
    AuditEntry entry;
    entry.actor = "server";
    entry.action = "data.loss";
    entry.object = loss.object;
    entry.detail = "{\"count\":" + std::to_string(now - told_[i]) + ",\"what\":\"" + loss.what + "\"}";
    told_[i] = now;
    audit_.tell(std::move(entry));
  }
}

}  // namespace penstock::app
